// urql's core: queries and mutations by its fetch exchange, subscriptions by each transport it knows.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';
import { WebSocket } from 'ws';
import { run, socketUrl, url } from './scenarios.mjs';

const newClient = (options = {}) =>
  new Client({ url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false, ...options });

function subscribed(client, query) {
  return new Promise((resolve, reject) => {
    const seen = [];
    client.subscription(query, {}).subscribe((result) => {
      if (result.error) reject(result.error);
      // The end comes as the last result once more.
      if (result.hasNext) seen.push(result.data);
      else resolve(seen);
    });
  });
}

const SLOWLY = 'subscription { count(to: 3, milliseconds: 150) }';
const AT_ONCE = 'subscription { count(to: 3) }';
const IN_PARTS = { headers: { accept: 'multipart/mixed;subscriptionSpec=1.0' } };

await run({
  query: async () => (await newClient().query('{ hello }', {})).data,

  query_by_get: async () => (await newClient({ preferGetMethod: 'force' }).query('{ hello }', {})).data,

  mutation: async () => {
    const add = 'mutation ($n: Int!) { add(number: $n) }';
    const client = newClient();
    const first = await client.mutation(add, { n: 5 });
    const second = await client.mutation(add, { n: 5 });
    return second.data.add - first.data.add;
  },

  subscription_over_events: () => subscribed(newClient(), SLOWLY),

  subscription_in_parts: () => subscribed(newClient({ fetchOptions: IN_PARTS }), AT_ONCE),

  subscription_over_a_socket: async () => {
    const socket = createSocket({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const forwardSubscription = ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
    });
    const exchanges = [fetchExchange, subscriptionExchange({ forwardSubscription })];
    const seen = await subscribed(newClient({ exchanges, fetchSubscriptions: false }), SLOWLY);
    await socket.dispose();
    return seen;
  },
});
