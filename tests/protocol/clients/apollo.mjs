// Apollo Client: subscriptions in parts by its own HTTP link, over a WebSocket, and over events.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { print } from 'graphql';
import { createClient as createEvents } from 'graphql-sse';
import { createClient as createSocket } from 'graphql-ws';
import { WebSocket } from 'ws';
import { collected, run, socketUrl, url } from './scenarios.mjs';

const newClient = (link) => new ApolloClient({ link, cache: new InMemoryCache() });
const overHttp = () => newClient(new HttpLink({ uri: url }));
const SLOWLY = gql`
  subscription {
    count(to: 3, milliseconds: 150)
  }
`;

// As Apollo's and graphql-sse's documentation have it.
class EventsLink extends ApolloLink {
  constructor(options) {
    super();
    this.client = createEvents(options);
  }
  request(operation) {
    return new Observable((sink) =>
      this.client.subscribe({ ...operation, query: print(operation.query) }, sink),
    );
  }
}

const subscribed = async (client, query = SLOWLY) => {
  const results = await collected((sink) => client.subscribe({ query }).subscribe(sink));
  return results.map(({ data, error }) => error ? { failed: String(error) } : data);
};

await run({
  query: async () =>
    (await overHttp().query({ query: gql`{ hello }`, fetchPolicy: 'no-cache' })).data,

  mutation: async () => {
    const add = { mutation: gql`mutation ($n: Int!) { add(number: $n) }`, variables: { n: 5 } };
    const client = overHttp();
    const first = await client.mutate(add);
    const second = await client.mutate(add);
    return second.data.add - first.data.add;
  },

  subscription_in_parts: () => subscribed(overHttp()),

  error_in_parts: async () => {
    const results = await collected((sink) =>
      overHttp().subscribe({ query: gql`subscription { breaks }` }).subscribe(sink),
    );
    return results.map(({ data, error }) => [data ?? null, error ? error.name : null]);
  },

  subscription_over_events: () => subscribed(newClient(new EventsLink({ url, retryAttempts: 0 }))),

  subscription_on_a_single_connection: () =>
    subscribed(newClient(new EventsLink({ url, retryAttempts: 0, singleConnection: true }))),

  subscription_over_a_socket: async () => {
    const socket = createSocket({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const seen = await subscribed(newClient(new GraphQLWsLink(socket)));
    await socket.dispose();
    return seen;
  },
});
