// What the gateway told of the plan behind the latest answer, for whoever draws it.
//
// The gateway shows plans where its configuration lets it (`query_plans.expose`) and a header asks.
// The plan and the fetches' times are taken out of the answer, so that it is shown as any client
// would get it.

export const PLAN_HEADERS = { 'hive-expose-query-plan': 'true' };
const NOTHING = { operationName: '', plan: null, fetches: [], events: 0, answered: false };

let latest = NOTHING;
const listeners = new Set();

export function subscribeToPlan(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function latestPlan() {
  return latest;
}

function tell(changes) {
  latest = { ...latest, ...changes };
  listeners.forEach((listener) => listener());
}

/** The answer without what it tells of the plan, which is noted. */
function taken(answer) {
  if (!answer?.extensions) return note(answer, {});
  const { queryPlan, fetches, ...extensions } = answer.extensions;
  const shown = { ...answer, extensions };
  if (!Object.keys(extensions).length) delete shown.extensions;
  return note(shown, { queryPlan, fetches });
}

function note(answer, { queryPlan, fetches }) {
  tell({
    answered: true,
    events: latest.events + 1,
    plan: queryPlan ?? latest.plan,
    fetches: fetches ?? [],
  });
  return answer;
}

async function* takenFromEach(answers) {
  for await (const answer of answers) yield Array.isArray(answer) ? answer : taken(answer);
}

/** A fetcher that notes plans. */
export function notingPlans(fetcher) {
  return async (parameters, options) => {
    if (parameters.operationName === 'IntrospectionQuery') return fetcher(parameters, options);
    tell({ ...NOTHING, operationName: parameters.operationName ?? '' });
    const headers = { ...PLAN_HEADERS, ...options?.headers };
    const answer = await fetcher(parameters, { ...options, headers });
    if (answer && typeof answer[Symbol.asyncIterator] === 'function') return takenFromEach(answer);
    if (answer && typeof answer.subscribe === 'function') {
      return {
        subscribe: (observer) =>
          answer.subscribe({ ...observer, next: (value) => observer.next(taken(value)) }),
      };
    }
    return taken(answer);
  };
}
