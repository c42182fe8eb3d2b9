// The same schema as the gateway's in these tests (tests/server/ticking.py), served by the reference
// implementations: graphql-ws on ws, and graphql-sse in both modes. It shows that a check is right.
//
// The argument is the time for `connection_init`, in seconds. Prints {"port"} once it listens, and
// ends with its standard input.
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { buildSchema, execute, parse } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const initSeconds = Number(process.argv[2]);

const schema = buildSchema(`
  type Query { hello: String!  caller: String }
  type Mutation { add(number: Int!): Int! }
  type Subscription {
    count(to: Int!, milliseconds: Int! = 0): Int!
    forever: Int!
    breaks: Int!
  }
`);

let total = 0;
const sources = {
  async *count({ to, milliseconds }) {
    for (let number = 0; number < to; number++) {
      await wait(milliseconds);
      yield number;
    }
  },
  // No generator: one that waits cannot be ended from outside.
  forever: () => {
    let told = false;
    let end;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        if (!told) return Promise.resolve({ value: (told = true) && 1, done: false });
        return new Promise((resolve) => (end = resolve));
      },
      return() {
        end?.({ value: undefined, done: true });
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  },
  async *breaks() {
    yield 1;
    throw new Error('broken on purpose');
  },
};
Object.assign(schema.getQueryType().getFields().hello, { resolve: () => 'world' });
Object.assign(schema.getQueryType().getFields().caller, {
  resolve: (_, __, context) => context.caller ?? null,
});
Object.assign(schema.getMutationType().getFields().add, {
  resolve: (_, { number }) => (total += number),
});
for (const [name, source] of Object.entries(sources))
  Object.assign(schema.getSubscriptionType().getFields()[name], {
    subscribe: (_, args) => source(args),
    resolve: (value) => value,
  });

const onEvents = createHandler({
  schema,
  context: (request) => ({ caller: request.headers.get('authorization') }),
});

// graphql-sse leaves answers of one piece to others.
async function onRequest(request, response) {
  const accept = request.headers.accept ?? '*/*';
  const isSingle =
    request.headers['x-graphql-event-stream-token'] || request.url.includes('token=');
  if (accept.includes('text/event-stream')) {
    if (!accept.includes("json")) request.headers.accept = 'text/event-stream';
    else delete request.headers['x-graphql-event-stream-token'];
  }
  const isOnePiece =
    ['GET', 'POST'].includes(request.method) &&
    !isSingle &&
    request.headers.accept !== 'text/event-stream';
  if (!isOnePiece) return onEvents(request, response);
  const { query, variables, operationName } = await parametersOf(request);
  const result = await execute({
    schema,
    document: parse(query),
    variableValues: variables,
    operationName,
    contextValue: { caller: request.headers.authorization },
  });
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
}

async function parametersOf(request) {
  if (request.method === 'GET') {
    const search = new URL(request.url, 'http://localhost').searchParams;
    const variables = search.get('variables');
    return { query: search.get('query'), variables: variables ? JSON.parse(variables) : {} };
  }
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
}

const server = createServer((request, response) => {
  onRequest(request, response).catch((error) => {
    if (!response.headersSent) response.writeHead(500);
    response.end(String(error));
  });
});
useServer(
  {
    schema,
    connectionInitWaitTimeout: initSeconds * 1000,
    context: ({ connectionParams }) => ({ caller: connectionParams?.Authorization }),
    onConnect: ({ extra }) => isOwnPage(extra.request),
  },
  new WebSocketServer({ server, path: '/graphql', maxPayload: 1_000_000 }),
);

function isOwnPage({ headers: { origin, host } }) {
  return origin === undefined || origin === `http://${host}`;
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(JSON.stringify({ port: server.address().port }) + '\n');
});
process.stdin.on('end', () => process.exit(0)).resume();
