// Nanoseconds for one digest by canonicalize and SHA-256, of each JSON file named: a line of JSON
// for each.

import { readFileSync } from 'node:fs';

import { digest } from './canonicalize_digests.js';

const SAMPLE = 10_000_000n;
const SAMPLES = 15;

function time(bytes, repeats) {
  const start = process.hrtime.bigint();
  for (let count = 0; count < repeats; count++) digest(bytes);
  return process.hrtime.bigint() - start;
}

for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  // until the compiler has optimised it, and a sample is long enough
  const warm = process.hrtime.bigint() + 500_000_000n;
  while (process.hrtime.bigint() < warm) digest(bytes);
  let repeats = 1;
  while (time(bytes, repeats) < SAMPLE) repeats *= 2;
  const samples = Array.from({ length: SAMPLES }, () => Number(time(bytes, repeats)) / repeats);
  samples.sort((one, other) => one - other);
  const ns = samples[(SAMPLES - 1) / 2];
  console.log(JSON.stringify({ path, digest: digest(bytes), ns }));
}
