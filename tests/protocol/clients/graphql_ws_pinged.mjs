// graphql-ws's client with a server that asks often whether it is still there.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { run, socketUrl } from './scenarios.mjs';

await run({
  pings_of_the_server: async () => {
    const client = createClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const pinged = new Promise((resolve) => {
      let count = 0;
      client.on('ping', (isReceived) => isReceived && ++count === 3 && resolve(count));
    });
    const results = client.iterate({ query: 'subscription { forever }' });
    const { value } = await results.next();
    const count = await pinged;
    await results.return();
    await client.dispose();
    return [value, count];
  },
});
