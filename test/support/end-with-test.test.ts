import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onTestFinished, expect, test } from 'vitest';
import { readJob, startTraining } from './api-client.ts';
import { temporaryHome } from './home.ts';
import { killProcessesOf } from './processes-of-home.ts';
import { PYTHON } from './runner.ts';
import { until } from './until.ts';

const SPAWN_SERVER = new URL('spawn-server.ts', import.meta.url).href;

/** Whether a process has not ended. The command line of one whose end its parent has not noticed yet is empty. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

test.skipIf(process.platform !== 'linux')(
  'a server and its jobs end when the process of the test is killed',
  async () => {
    const home = temporaryHome();
    const script = `const { spawnServer } = await import(${JSON.stringify(SPAWN_SERVER)});
      const server = spawnServer(${JSON.stringify(home)});
      server.stdout.pipe(process.stdout);
      console.log('server', server.pid);`;
    const tests = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TRAINYARD_PORT: '0', TRAINYARD_PYTHON: PYTHON, TRAINYARD_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(tests, 'close');
    onTestFinished(() => void killProcessesOf(home));
    let output = '';
    tests.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [, url = ''] = await until(
      'the server is ready',
      () => output.includes('"msg":"ready"') && /"monitor":"([^"]+)"/.exec(output),
    );
    const server = Number(/^server (\d+)$/m.exec(output)?.[1]);
    const { id } = await startTraining(url, { backend: 'SIMULATION', epochs: 1_000_000 });
    const job = await until('the job runs', async () => (await readJob(url, id)).pid);
    expect([server, job].map(isAlive)).toEqual([true, true]);

    tests.kill('SIGKILL');
    await ended;
    await until('both have ended', () => ![server, job].some(isAlive));
  },
);
