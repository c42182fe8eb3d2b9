// GraphiQL with everything on board: no script, style or font comes from another server.

import { explorerPlugin } from '@graphiql/plugin-explorer';
import '@graphiql/plugin-explorer/style.css';
import { createGraphiQLFetcher, createLocalStorage } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';

import { readConfig } from './config.js';
import { subscribingByEvents } from './event_stream.js';
import { notingPlans, PLAN_HEADERS } from './plan_log.js';
import { PLAN_PLUGIN } from './plan_panel.jsx';
import './style.css';

const config = readConfig(document.getElementById('graphiql-config'));
const headersText = Object.keys(config.headers).length
  ? JSON.stringify(config.headers, null, 2)
  : undefined;

// Headers also travel in the connection_init message, since a browser sets none on a WebSocket.
// GraphiQL forgets headers when the page is loaded again, so the gateway's defaults stand below
// whatever the headers editor says.
const plain = createGraphiQLFetcher({
  url: config.endpoint,
  headers: config.headers,
  subscriptionUrl: config.subscriptionUrl,
  wsConnectionParams: { ...PLAN_HEADERS, ...config.headers },
});
const fetcher = notingPlans(
  config.subscriptions === 'sse'
    ? subscribingByEvents(plain, { url: config.endpoint, headers: config.headers })
    : plain,
);

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={[HISTORY_PLUGIN, explorerPlugin(), PLAN_PLUGIN]}
    storage={createLocalStorage({ namespace: 'supergraph' })}
    defaultHeaders={headersText}
    defaultTabs={config.documents.map((query) => ({ query, headers: headersText }))}
    defaultEditorToolsVisibility={false}
  >
    <GraphiQL.Logo>Supergraph</GraphiQL.Logo>
  </GraphiQL>,
);
