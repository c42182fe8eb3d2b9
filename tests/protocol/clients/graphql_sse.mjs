// graphql-sse's client, in the mode that the second argument names: "distinct" or "single".
import { createClient } from 'graphql-sse';
import { all, iterating, run, url } from './scenarios.mjs';

const singleConnection = process.argv[3] === 'single';

async function withClient(options, use) {
  const asked = [];
  const send = options.fetchFn ?? fetch;
  const fetchFn = async (target, init) => {
    const response = await send(target, init);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    const what = isStream ? 'stream' : response.ok ? 'answer' : await response.clone().json();
    asked.push([init.method, response.status, what]);
    return response;
  };
  const client = createClient({ url, singleConnection, retryAttempts: 0, ...options, fetchFn });
  try {
    return { results: await use(client), asked };
  } finally {
    client.dispose();
  }
}

// A fetch whose streams can be cut, as a network would.
function cuttable() {
  let controller;
  const fetchFn = async (target, init) => {
    const response = await fetch(target, init);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
    const through = new TransformStream({ start: (given) => void (controller = given) });
    return new Response(response.body.pipeThrough(through), response);
  };
  return { fetchFn, cut: () => controller.error(new Error('cut')) };
}

await run({
  ...iterating(withClient),

  error: () =>
    withClient({}, async (client) => {
      try {
        const [{ errors }] = await all(client.iterate({ query: '{ missing }' }));
        return errors.map(({ message }) => message);
      } catch (error) {
        return error.name;
      }
    }),

  reconnect: () => {
    const { fetchFn, cut } = cuttable();
    const options = { retryAttempts: 5, retry: () => Promise.resolve(), fetchFn };
    return withClient(options, async (client) => {
      const seen = [];
      for await (const { data } of client.iterate({ query: 'subscription { forever }' })) {
        seen.push(data);
        if (seen.length === 2) break;
        setTimeout(cut, 20); // the client waits for the next result by then
      }
      return seen;
    });
  },

  headers: () =>
    withClient({ headers: () => ({ authorization: 'Bearer x' }) }, (client) =>
      all(client.iterate({ query: '{ caller }' })),
    ),
});
