// Runs scenarios one after the other and prints what came out of each, by name, as JSON.
//
// What fails is no answer but {"failed": why}: the test that looks at it then says so.
const LIMIT_MS = Number(process.env.SCENARIO_MS ?? 15_000);

export const url = process.argv[2];
export const socketUrl = url.replace('http', 'ws');

export async function run(scenarios) {
  const results = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('took too long')), LIMIT_MS);
    });
    try {
      results[name] = (await Promise.race([scenario(), late])) ?? null;
    } catch (error) {
      results[name] = { failed: error?.stack ?? JSON.stringify(error) };
    }
    clearTimeout(timer);
  }
  process.stdout.write(JSON.stringify(results));
  process.exit(0);
}

/** What iterating clients do alike: `withClient(options, use)` makes one and disposes of it. */
export const iterating = (withClient) => ({
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

  completed_by_the_client: () =>
    withClient({}, async (client) => {
      const seen = [];
      for await (const result of client.iterate({ query: 'subscription { forever }' })) {
        seen.push(result);
        break;
      }
      return [...seen, ...(await all(client.iterate({ query: '{ hello }' })))];
    }),
});

/** All results of an async iterator. */
export async function all(results) {
  const seen = [];
  for await (const result of results) seen.push(result);
  return seen;
}

/** The same as `collect(next, end, fail)` of an observer, as a promise of all values. */
export function collected(subscribe) {
  return new Promise((resolve, reject) => {
    const seen = [];
    subscribe({
      next: (value) => seen.push(value),
      error: reject,
      complete: () => resolve(seen),
    });
  });
}
