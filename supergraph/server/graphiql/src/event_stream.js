// Subscriptions as server-sent events (https://github.com/enisdenjo/graphql-sse), for networks that
// let no WebSocket through. `fetch` rather than EventSource: that one sends no headers.

import { getOperationAST, parse } from 'graphql';

/** A fetcher that sends subscriptions as requests for events, and leaves the rest to another. */
export function subscribingByEvents(fetcher, { url, headers }) {
  return (parameters, options) => {
    const operation = getOperationAST(parse(parameters.query), parameters.operationName);
    if (operation?.operation !== 'subscription') return fetcher(parameters, options);
    return results(url, parameters, { ...headers, ...options?.headers });
  };
}

async function* results(url, parameters, headers) {
  const leaving = new AbortController();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
      signal: leaving.signal,
    });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      yield await response.json();
      return;
    }
    for await (const { event, data } of events(response.body)) {
      if (event === 'complete') return;
      if (event === 'next') yield JSON.parse(data);
    }
  } finally {
    leaving.abort();
  }
}

/** The events of a stream; the gateway ends lines with a line feed alone. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const whole = text.split('\n\n');
    text = whole.pop();
    for (const block of whole) {
      const fields = block.split('\n').map((line) => line.split(/: ?(.*)/s, 2));
      yield Object.fromEntries(fields);
    }
  }
}
