/** Runs all benchmarks that compare Trainyard with other servers, or the named ones. `npm run bench [name ...]` */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const BENCHMARKS = ['fan-out', 'queries', 'jobs', 'boot', 'running', 'start'];
const folder = fileURLToPath(new URL('.', import.meta.url));

function run(command: string, parameters: readonly string[], cwd?: string): void {
  const { status } = spawnSync(command, parameters, { stdio: 'inherit', cwd });
  if (status !== 0) process.exit(status ?? 1);
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(', ')}. Use ${BENCHMARKS.join(', ')}.`);
  process.exit(2);
}
if (!existsSync(`${folder}node_modules`)) run('npm', ['ci', '--ignore-scripts'], folder);
console.log(`Node ${process.version}, ${cpus().length} cores: ${cpus()[0]?.model ?? 'unknown'}`);
for (const name of names.length > 0 ? names : BENCHMARKS) run(process.execPath, [`${folder}${name}.ts`]);
