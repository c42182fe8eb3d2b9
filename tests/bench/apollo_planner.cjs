'use strict';
// Plans the documents on stdin (JSON: {supergraph, warm_up, documents: {name: [text]}}) with
// @apollo/query-planner and prints the CPU seconds each took, as JSON. All documents are parsed
// before. Packages are taken from the folder the first argument names.
const { createRequire } = require('module');
const { readFileSync } = require('fs');
const { join } = require('path');

const packages = createRequire(join(process.argv[2], 'package.json'));
const { parse } = packages('graphql');
const { QueryPlanner } = packages('@apollo/query-planner');
const { Supergraph, operationFromDocument } = packages('@apollo/federation-internals');

const given = JSON.parse(readFileSync(0, 'utf8'));
const supergraph = Supergraph.build(given.supergraph);
const schema = supergraph.apiSchema();
const planner = new QueryPlanner(supergraph);
const plan = (document) => planner.buildQueryPlan(operationFromDocument(schema, document));

const seconds = {};
for (const [name, texts] of Object.entries(given.documents)) {
  const documents = texts.map((text) => parse(text));
  documents.slice(0, given.warm_up).forEach(plan);
  const measured = documents.slice(given.warm_up);
  const begun = process.cpuUsage();
  measured.forEach(plan);
  const { user, system } = process.cpuUsage(begun);
  seconds[name] = (user + system) / 1e6 / measured.length;
}
console.log(JSON.stringify(seconds));
