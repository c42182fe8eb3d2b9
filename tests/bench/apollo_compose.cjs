'use strict';
// Composes the subgraphs on stdin (JSON: [{name, url, sdl}]) with @apollo/composition and prints
// what it took, as JSON. Packages are taken from the folder the first argument names.
const { createRequire } = require('module');
const { readFileSync } = require('fs');
const { join } = require('path');

const packages = createRequire(join(process.argv[2], 'package.json'));
const { parse } = packages('graphql');
const { composeServices } = packages('@apollo/composition');

const subgraphs = JSON.parse(readFileSync(0, 'utf8'));
const begun = process.hrtime.bigint();
const result = composeServices(
  subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
);
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
if (result.errors?.length) {
  for (const error of result.errors) console.error(error.message);
  process.exit(1);
}
console.log(JSON.stringify({ seconds, characters: result.supergraphSdl.length }));
