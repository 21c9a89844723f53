// Nanoseconds on the processor for one digest by canonicalize and SHA-256, of each JSON file named: a
// line of JSON for each. Node's other threads count too: they collect what the digest leaves behind.

import { readFileSync } from 'node:fs';

import { digest } from './canonicalize_digests.js';

const SAMPLE = 20_000_000;
const SAMPLES = 15;

function time(bytes, repeats) {
  const start = process.cpuUsage();
  for (let count = 0; count < repeats; count++) digest(bytes);
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1_000;
}

for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  // until the compiler has optimised it, and a sample is long enough
  for (let spent = 0; spent < 500_000_000; ) spent += time(bytes, 10);
  let repeats = 1;
  while (time(bytes, repeats) < SAMPLE) repeats *= 2;
  const samples = Array.from({ length: SAMPLES }, () => time(bytes, repeats) / repeats);
  samples.sort((one, other) => one - other);
  const ns = samples[(SAMPLES - 1) / 2];
  console.log(JSON.stringify({ path, digest: digest(bytes), ns }));
}
