/**
 * Runs all benchmarks, or the named ones, and compares their ratios with the newest file of results. Fails if one got worse.
 * `npm run bench:check [name ...]`
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ratiosIn, regressionsOf } from './goals.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const newest = readdirSync(`${folder}results`)
  .filter((name) => /^\d{4}-\d\d-\d\d\.md$/.test(name))
  .sort()
  .at(-1);
if (newest === undefined) throw new Error('bench/results has no file <date>.md to compare with.');
const before = ratiosIn(readFileSync(`${folder}results/${newest}`, 'utf8'));

const run = spawn(process.execPath, [`${folder}run.ts`, ...process.argv.slice(2)], {
  stdio: ['inherit', 'pipe', 'inherit'],
});
const ended = once(run, 'close') as Promise<[number | null]>;
let output = '';
for await (const text of run.stdout.setEncoding('utf8') as AsyncIterable<string>) {
  process.stdout.write(text);
  output += text;
}
const [status] = await ended;

const now = ratiosIn(output);
const worse = regressionsOf(before, now);
console.log(`\nCompared ${now.length} ratios with bench/results/${newest}: ${worse.length} got worse.`);
for (const { name, before, now } of worse)
  console.log(`- ${name}: ${before.toFixed(2)} x before, ${now.toFixed(2)} x now`);
process.exitCode = worse.length > 0 ? 1 : (status ?? 1);
