// The panel that draws the query plan of the latest operation: which subgraphs it touches, in which
// order, and how long each fetch took.

import { useSyncExternalStore } from 'react';

import { latestPlan, subscribeToPlan } from './plan_log.js';
import './plan_panel.css';

const HUES = [210, 145, 25, 285, 340, 60, 185, 255];

/** Every subgraph has a colour of its own, in the order in which the plan meets them. */
function huesOf(plan) {
  const names = [];
  visit(plan?.node, (fetch) => names.includes(fetch.serviceName) || names.push(fetch.serviceName));
  return new Map(names.map((name, index) => [name, HUES[index % HUES.length]]));
}

function visit(node, onFetch) {
  if (!node) return;
  if (node.kind === 'Fetch' || node.kind === 'BatchFetch') onFetch(node);
  for (const child of childrenOf(node)) visit(child, onFetch);
}

function childrenOf(node) {
  const parts = [node.node, node.primary, node.rest, node.ifClause, node.elseClause];
  return [...(node.nodes ?? []), ...(node.deferred ?? []), ...parts].filter(
    (child) => child && typeof child === 'object',
  );
}

function milliseconds(value) {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function Fetch({ node, path, hues, times }) {
  const own = times.filter(({ operation }) => operation === node.operation);
  const took = own.map(({ durationMs }) => milliseconds(durationMs)).join(', ');
  return (
    <details
      className="plan-fetch"
      style={{ '--hue': hues.get(node.serviceName) }}
      data-service={node.serviceName}
    >
      <summary>
        <b>{node.serviceName}</b>
        {path && <code>{path}</code>}
        <span className="plan-took">{took || '–'}</span>
      </summary>
      <pre>{node.operation}</pre>
    </details>
  );
}

function Node({ node, path = '', ...shared }) {
  switch (node.kind) {
    case 'Fetch':
    case 'BatchFetch':
      return <Fetch node={node} path={path} {...shared} />;
    case 'Flatten':
      return <Node node={node.node} path={node.path.join('.')} {...shared} />;
    case 'Sequence':
    case 'Parallel':
      return (
        <div className={`plan-${node.kind.toLowerCase()}`}>
          {node.nodes.map((child, index) => (
            <Node key={index} node={child} {...shared} />
          ))}
        </div>
      );
    case 'Subscription':
      return (
        <div className="plan-sequence">
          <Titled title="events from">
            <Node node={node.primary} {...shared} />
          </Titled>
          {node.rest && (
            <Titled title="then, for each event">
              <Node node={node.rest} {...shared} />
            </Titled>
          )}
        </div>
      );
    case 'Condition':
      return (
        <>
          {node.ifClause && (
            <Titled title={`if $${node.condition}`}>
              <Node node={node.ifClause} {...shared} />
            </Titled>
          )}
          {node.elseClause && (
            <Titled title={`unless $${node.condition}`}>
              <Node node={node.elseClause} {...shared} />
            </Titled>
          )}
        </>
      );
    case 'Defer':
      return (
        <div className="plan-sequence">
          {node.primary.node && <Node node={node.primary.node} {...shared} />}
          {node.deferred.map((part, index) => (
            <Titled key={index} title={`deferred ${part.label ?? part.queryPath.join('.')}`}>
              {part.node && <Node node={part.node} {...shared} />}
            </Titled>
          ))}
        </div>
      );
    default:
      return <p>{node.kind}</p>;
  }
}

function Titled({ title, children }) {
  return (
    <fieldset className="plan-titled">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

function Timeline({ fetches, hues }) {
  if (!fetches.length) return null;
  const end = Math.max(...fetches.map(({ startMs, durationMs }) => startMs + durationMs), 0.001);
  return (
    <ol className="plan-timeline" aria-label="Fetches over time">
      {fetches.map(({ serviceName, startMs, durationMs }, index) => (
        <li key={index} style={{ '--hue': hues.get(serviceName) }}>
          <span>{serviceName}</span>
          <div>
            <i
              style={{
                left: `${(startMs / end) * 100}%`,
                width: `${Math.max((durationMs / end) * 100, 1)}%`,
              }}
            />
          </div>
          <span>{milliseconds(durationMs)}</span>
        </li>
      ))}
    </ol>
  );
}

function PlanPanel() {
  const { operationName, plan, fetches, events, answered } = useSyncExternalStore(
    subscribeToPlan,
    latestPlan,
  );
  const hues = huesOf(plan);
  return (
    <section className="plan-panel" aria-label="Query plan">
      <h2 className="graphiql-plugin-title">Query plan</h2>
      {!answered && <p>Run an operation to see which subgraphs answer it.</p>}
      {answered && !plan && (
        <p>
          The gateway did not show its plan. It does with <code>supergraph dev</code>, or with{' '}
          <code>query_plans: {'{'}expose: true{'}'}</code> in gateway.yaml.
        </p>
      )}
      {plan && (
        <>
          <p>
            <b>{operationName || 'The operation'}</b>{' '}
            {plan.node ? `asks ${[...hues.keys()].join(', ')}` : 'needs no subgraph'}
            {events > 1 ? `; ${events} events` : ''}
          </p>
          <Timeline fetches={fetches} hues={hues} />
          {plan.node && <Node node={plan.node} hues={hues} times={fetches} />}
        </>
      )}
    </section>
  );
}

function PlanIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="12" cy="4.5" r="2.5" />
      <circle cx="5" cy="19.5" r="2.5" />
      <circle cx="19" cy="19.5" r="2.5" />
      <path d="M12 7v5M5 17v-2.5a2.5 2.5 0 0 1 2.5-2.5h9a2.5 2.5 0 0 1 2.5 2.5V17" />
    </svg>
  );
}

export const PLAN_PLUGIN = { title: 'Query plan', icon: PlanIcon, content: PlanPanel };
