// The page for installations without the GraphiQL bundle: fetch for queries and mutations,
// graphql-transport-ws for subscriptions.

const element = (id) => document.getElementById(id);
const config = JSON.parse(element('graphiql-config').textContent || '{}');
const endpoint = config.endpoint ?? window.location.pathname;
let socket;

element('query').value = config.defaultQuery || '{ __typename }';
element('headers').value = JSON.stringify(config.defaultHeaders ?? {}, null, 2);

function show(value) {
  element('result').textContent =
    typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function stop() {
  socket?.close(1000);
  socket = undefined;
  element('stop').disabled = true;
}

function subscribe(payload, headers) {
  const url = new URL(config.subscriptionEndpoint ?? endpoint, window.location.href);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  const opened = new WebSocket(url, 'graphql-transport-ws');
  socket = opened;
  element('stop').disabled = false;
  const send = (message) => opened.send(JSON.stringify(message));
  opened.onopen = () => send({ type: 'connection_init', payload: headers });
  opened.onclose = ({ code, reason }) => {
    if (opened === socket && code !== 1000) show(`The connection was closed: ${code} ${reason}`);
  };
  opened.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'connection_ack') send({ id: '1', type: 'subscribe', payload });
    else if (message.type === 'ping') send({ type: 'pong' });
    else if (message.type === 'next') show(message.payload);
    else if (message.type === 'error') show({ errors: message.payload });
    else if (message.type === 'complete') stop();
  };
}

async function run() {
  stop();
  try {
    const payload = {
      query: element('query').value,
      variables: JSON.parse(element('variables').value || '{}'),
    };
    const headers = JSON.parse(element('headers').value || '{}');
    if (/^\s*(#.*\n\s*)*subscription\b/.test(payload.query)) return subscribe(payload, headers);
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(payload),
    });
    show(await response.json());
  } catch (error) {
    show(String(error));
  }
}

element('form').onsubmit = (event) => {
  event.preventDefault();
  run();
};
element('stop').onclick = stop;
element('query').onkeydown = (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
};
