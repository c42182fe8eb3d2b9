// graphql-ws's client on ws.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { all, run, socketUrl } from './scenarios.mjs';

async function withClient(options, use) {
  let sockets = 0;
  class Counted extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets++;
    }
  }
  const client = createClient({ url: socketUrl, webSocketImpl: Counted, retryAttempts: 0, ...options });
  try {
    const results = await use(client);
    return { results, sockets };
  } finally {
    await client.dispose();
  }
}

await run({
  query: () => withClient({}, (client) => all(client.iterate({ query: '{ hello }' }))),

  mutation: () =>
    withClient({}, async (client) => {
      const add = { query: 'mutation ($n: Int!) { add(number: $n) }', variables: { n: 5 } };
      const [first] = await all(client.iterate(add));
      const [second] = await all(client.iterate(add));
      return second.data.add - first.data.add;
    }),

  subscription: () =>
    withClient({}, (client) => all(client.iterate({ query: 'subscription { count(to: 3) }' }))),

  several_at_once: () =>
    withClient({}, (client) =>
      Promise.all(
        Array.from({ length: 20 }, async (_, number) => {
          const query = `subscription { count(to: ${number + 1}) }`;
          return (await all(client.iterate({ query }))).length;
        }),
      ),
    ),

  error: () =>
    withClient({}, async (client) => {
      try {
        await all(client.iterate({ query: '{ missing }' }));
      } catch (errors) {
        const after = await all(client.iterate({ query: '{ hello }' }));
        return [errors.map(({ message }) => message), after];
      }
      throw new Error('it did not fail');
    }),

  completed_by_the_client: () =>
    withClient({}, async (client) => {
      const seen = [];
      for await (const result of client.iterate({ query: 'subscription { forever }' })) {
        seen.push(result);
        break;
      }
      return [...seen, ...(await all(client.iterate({ query: '{ hello }' })))];
    }),

  pings_of_the_client: () =>
    withClient({ keepAlive: 20 }, async (client) => {
      const pong = new Promise((resolve) => client.on('pong', resolve));
      const results = client.iterate({ query: 'subscription { forever }' });
      const { value } = await results.next();
      const isOfTheServer = await pong;
      await results.return();
      return [value, isOfTheServer];
    }),

  reconnect: () =>
    withClient({ retryAttempts: 5, retryWait: () => Promise.resolve() }, async (client) => {
      const results = client.iterate({ query: 'subscription { forever }' });
      const first = await results.next();
      client.terminate();
      const second = await results.next();
      await results.return();
      return [first.value, second.value];
    }),

  connection_params: () =>
    withClient({ connectionParams: { Authorization: 'Bearer x' } }, (client) =>
      all(client.iterate({ query: '{ caller }' })),
    ),
});
