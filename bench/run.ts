/**
 * Runs all benchmarks that compare Trainyard with other servers or with the limit of the machine, or the named ones, and prints their
 * results as sections of a file of results. One that fails or takes too long does not stop the others. `npm run bench [name ...]`
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runBounded } from './bounded-run.ts';
import { printTable } from './report.ts';

/** The most that each may take, minutes: several times what it takes on a quiet machine with two cores. */
const BENCHMARKS: Readonly<Record<string, number>> = {
  'fan-out': 4,
  queries: 2,
  jobs: 3,
  boot: 4,
  watching: 3,
  running: 4,
  start: 6,
  peers: 15,
};
const folder = fileURLToPath(new URL('.', import.meta.url));

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(', ')}. Use ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(2);
}
if (!existsSync(`${folder}node_modules`)) {
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { stdio: 'inherit', cwd: folder });
  if (status !== 0) process.exit(status ?? 1);
}
console.log(`Node ${process.version}, ${cpus().length} cores: ${cpus()[0]?.model ?? 'unknown'}`);

const load = () => (loadavg()[0] ?? 0).toFixed(1);
const rows: Record<string, string>[] = [];
for (const [name, minutes] of Object.entries(BENCHMARKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const [before, startedAt] = [load(), performance.now()];
  const end = await runBounded(`${folder}${name}.ts`, minutes * 60_000);
  if (end !== 'completed') {
    console.log(`\n## ${name}\n\nNot or not completely measured: the benchmark ${end}.`);
    process.exitCode = 1;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  rows.push({ benchmark: name, result: end, seconds, 'load average before': before, after: load() });
}
printTable('Benchmarks of this run', rows);
