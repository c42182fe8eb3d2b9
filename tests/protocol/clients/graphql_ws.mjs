// graphql-ws's client on ws.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { all, iterating, run, socketUrl } from './scenarios.mjs';

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
  ...iterating(withClient),

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
