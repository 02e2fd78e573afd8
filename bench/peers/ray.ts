import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { programOf } from './environment.ts';
import type { Followed } from './followed.ts';
import { startPeer } from './process.ts';

const PROGRAM = fileURLToPath(new URL('ray_jobs.py', import.meta.url));

/** Starts jobs with Ray Jobs on a cluster of one node, and follows their logs with its client. */
export async function followRay(count: number): Promise<Followed> {
  const [port, dashboard] = [await freePort(), await freePort()];
  const parameters = ['start', '--head', '--block', '--disable-usage-stats', '--num-cpus=2', `--port=${port}`];
  // Its sockets have long paths.
  const folder = mkdtempSync(join(tmpdir(), 'r'));
  parameters.push('--include-dashboard=true', '--dashboard-host=127.0.0.1', `--dashboard-port=${dashboard}`);
  parameters.push(`--temp-dir=${folder}`, '--object-store-memory=100000000');
  const url = `http://127.0.0.1:${dashboard}`;
  await using stack = new AsyncDisposableStack();
  stack.use(await startPeer('ray', parameters, {}, `${url}/api/version`));
  const child = spawn(programOf('python'), [PROGRAM, url, String(count)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`The client of Ray Jobs ended with ${String(code)}: ${errors.slice(-4000)}`);
  const jobs = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { first: number; delays: number[] }[];
  return {
    firsts: jobs.map(({ first }) => first * 1000),
    delays: jobs.flatMap(({ delays }) => delays.map((delay) => delay * 1000)),
  };
}
