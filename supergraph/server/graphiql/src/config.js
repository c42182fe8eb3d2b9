// The settings the gateway wrote into the page, with defaults for what it left out.

import { Kind, parse } from 'graphql';

/** What the gateway promises: see supergraph/server/landing.py. */
export function readConfig(element) {
  const given = JSON.parse(element?.textContent || '{}');
  const endpoint = given.endpoint ?? window.location.pathname;
  return {
    endpoint,
    subscriptionUrl: webSocketUrl(given.subscriptionEndpoint ?? endpoint),
    subscriptions: given.subscriptions ?? 'websocket',
    headers: given.defaultHeaders ?? {},
    documents: splitOperations(given.defaultQuery ?? ''),
  };
}

function webSocketUrl(address) {
  const url = new URL(address, window.location.href);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  return url.href;
}

/**
 * One document per operation, each with the comments above it, so that every operation opens in a
 * tab of its own. A document with fragments, or one that does not parse, stays as it is.
 */
export function splitOperations(document) {
  let definitions;
  try {
    ({ definitions } = parse(document));
  } catch {
    return [document];
  }
  if (definitions.some(({ kind }) => kind !== Kind.OPERATION_DEFINITION)) return [document];
  let start = 0;
  return definitions.map(({ loc }) => {
    const text = document.slice(start, loc.end).trim();
    start = loc.end;
    return text;
  });
}
