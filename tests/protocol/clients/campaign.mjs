// What a frontend does with the service: each of urql and Apollo Client asks, changes, watches a
// campaign to its end, and Apollo Client takes an answer in parts, in both dialects.
//
//     node campaign.mjs URL AUTHORIZATION CAMPAIGN
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { Client, fetchExchange } from '@urql/core';
import { createClient as createSocket } from 'graphql-ws';
import { WebSocket } from 'ws';
import { all, collected, run, socketUrl, url } from './scenarios.mjs';

const [, , , authorization, campaign] = process.argv;
const headers = { authorization };

const VIEWER = '{ viewer { displayName } }';
const CREATE = `
  mutation ($input: CreateTemplateInput!) {
    createTemplate(input: $input) { template { name } userErrors { code } }
  }
`;
const WATCH = `
  subscription ($id: ID!) {
    taskProgress(id: $id) {
      isFinal
      owner { displayName }
      progress { total sent failed suppressed queued }
    }
  }
`;
const IN_PARTS = gql`
  {
    viewer {
      displayName
      ... @defer(label: "later") {
        organization { name campaigns(first: 2) { edges { node { name } } } }
      }
    }
  }
`;
const input = (client) => ({
  input: { name: client, body: 'Hello {{name}}', idempotencyKey: `${client}-${Date.now()}` },
});

const urql = new Client({
  url,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  preferGetMethod: false,
  fetchOptions: { headers },
});
const apollo = (incrementalHandler) =>
  new ApolloClient({
    link: new HttpLink({ uri: url, headers }),
    cache: new InMemoryCache(),
    incrementalHandler,
  });

const last = (results) => results[results.length - 1];

const inParts = async (handler) => {
  const shown = await collected((sink) =>
    apollo(handler)
      .watchQuery({ query: IN_PARTS })
      .subscribe({
        ...sink,
        next: (result) => {
          if (result.dataState === 'empty') return;
          sink.next(result);
          if (result.dataState === 'complete') sink.complete();
        },
      }),
  );
  return {
    first: Object.keys(shown[0].data.viewer).filter((name) => name !== '__typename'),
    last: last(shown).data.viewer.organization.campaigns.edges.length,
    parts: shown.length,
  };
};

await run({
  urql_query: async () => (await urql.query(VIEWER, {})).data,
  urql_mutation: async () => (await urql.mutation(CREATE, input('urql'))).data.createTemplate,
  apollo_query: async () => (await apollo().query({ query: gql(VIEWER) })).data.viewer.displayName,
  apollo_mutation: async () => {
    const result = await apollo().mutate({ mutation: gql(CREATE), variables: input('apollo') });
    return result.data.createTemplate.template.name;
  },
  apollo_defer_2022: () => inParts(new Defer20220824Handler()),
  apollo_defer_v02: () => inParts(new GraphQL17Alpha9Handler()),
  subscriptions: async () => {
    const socket = createSocket({
      url: socketUrl,
      webSocketImpl: WebSocket,
      connectionParams: headers,
      retryAttempts: 0,
    });
    const byUrql = new Promise((resolve, reject) => {
      let seen = 0;
      let data;
      urql.subscription(WATCH, { id: campaign }).subscribe((result) => {
        if (result.error) reject(result.error);
        data = result.data ?? data;
        seen += 1;
        if (!result.hasNext) resolve({ seen, ...data.taskProgress });
      });
    });
    const byApollo = collected((sink) =>
      apollo().subscribe({ query: gql(WATCH), variables: { id: campaign } }).subscribe(sink),
    ).then((results) => ({ seen: results.length, ...last(results).data.taskProgress }));
    const bySocket = all(socket.iterate({ query: WATCH, variables: { id: campaign } })).then(
      (results) => ({ seen: results.length, ...last(results).data.taskProgress }),
    );
    const ends = await Promise.all([byUrql, byApollo, bySocket]);
    await socket.dispose();
    return ends;
  },
});
