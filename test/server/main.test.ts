import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { connect, post } from './support.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs the server with these variables until it ends on its own. */
async function runMain(environment: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, TRAINYARD_HOME: temporaryHome(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('a port in use ends it with a message that explains what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { code, output } = await runMain({ TRAINYARD_PORT: String(port) });
  expect(code).toBe(1);
  expect(output).toContain(
    `Port ${port} is already in use on 127.0.0.1. Stop the program that uses it, or set TRAINYARD_PORT`,
  );
  expect(output).not.toMatch(/ {4}at /);
});

test('invalid settings end it with their messages alone', async () => {
  const { code, output } = await runMain({ TRAINYARD_PORT: 'x', TRAINYARD_PROT: '1' });
  expect(code).toBe(2);
  expect(output.trim().split('\n')).toHaveLength(2);
  expect(output).toMatch(/^TRAINYARD_PROT is not a setting/m);
  expect(output).toMatch(/^TRAINYARD_PORT must be a whole number/m);
});

test.skipIf(process.platform !== 'linux')('a home that is not writable ends it with a message', async () => {
  const { code, output } = await runMain({ TRAINYARD_HOME: '/sys/trainyard', TRAINYARD_PORT: '0' });
  expect(code).toBe(1);
  expect(output).toContain('The folder /sys/trainyard is not writable. Set TRAINYARD_HOME to a writable folder.');
  expect(output).not.toMatch(/ {4}at /);
});

test('a second server on the same home ends with a message', async () => {
  await using first = await startTestServer();
  const { code, output } = await runMain({ TRAINYARD_HOME: first.home, TRAINYARD_PORT: '0' });
  expect(code).toBe(1);
  expect(output).toMatch(/Another Trainyard server is using/);
});

test('SIGTERM stops the server cleanly while a client watches, and a running job continues', async () => {
  await using server = await startTestServer({ environment: { TRAINYARD_SIMULATION_STEP_SECONDS: '0.05' } });
  const { data } = (
    await post(
      server,
      'mutation { startTraining(input: { backend: SIMULATION, epochs: 100000 }) { ... on StartTrainingSuccess { job { id } } } }',
    )
  ).json() as { data: { startTraining: { job: { id: string } } } };
  const { id } = data.startTraining.job;
  const feed = connect(server).iterate<{ jobProgress: { status: string } }>({
    query: 'subscription ($id: ID!) { jobProgress(id: $id) { status } }',
    variables: { id },
  });
  const nextStatus = async () => {
    const next = await feed.next();
    return next.done === true ? 'END' : next.value.data?.jobProgress.status;
  };
  const readUntil = async (status: string) => {
    while ((await nextStatus()) !== status);
  };
  await readUntil('RUNNING');
  const job = (await post(server, `{ job(id: "${id}") { pid } }`)).json() as { data: { job: { pid: number } } };
  await Promise.all([server.end('SIGTERM'), expect(readUntil('END')).rejects.toMatchObject({ code: 1012 })]);
  expect(server.output()).toMatch(/"msg":"stopping/);
  // Signal 0 only asks whether there is such a process.
  expect(process.kill(job.data.job.pid, 0)).toBe(true);
});
