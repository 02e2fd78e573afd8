import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useBarePython } from '../support/bare-python.ts';
import { type RunningCommand, runCommand } from '../support/command.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';
import { endJobs } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { until } from '../support/until.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
const ESCAPE = '\u001b';

const barePython = useBarePython();

function environmentFor(home: string, python: string): NodeJS.ProcessEnv {
  // Vitest turns colours on for its own output; the demo must decide for itself.
  return {
    ...process.env,
    FORCE_COLOR: undefined,
    NO_COLOR: undefined,
    TRAINYARD_HOME: home,
    TRAINYARD_PYTHON: python,
    TRAINYARD_SIMULATION_STEP_SECONDS: '0.01',
    INIT_CWD: home,
    TERM: 'xterm',
  };
}

/** Starts the demo in its own home, without PyTorch unless `python` has it. The test ends it, and all jobs that it leaves running. */
function startDemo(
  args: readonly string[],
  {
    home = temporaryHome(),
    wrapper = [],
    python = barePython(),
  }: { home?: string; wrapper?: readonly string[]; python?: string } = {},
): RunningCommand {
  const [command, ...rest] = [...wrapper, process.execPath, DEMO, ...args];
  const demo = runCommand(command ?? '', rest, { environment: environmentFor(home, python) });
  onTestFinished(async () => {
    demo.kill('SIGTERM');
    await demo.ended;
    await endJobs(home);
  });
  return demo;
}

const SIMULATION = ['--backend', 'simulation', '--epochs', '10'];

test('with --once it trains through the API, prints plain lines and exits with 0, also when port 4000 is in use', async () => {
  const occupant = createServer();
  occupant.on('error', () => undefined);
  occupant.listen(4000, '127.0.0.1');
  // Either it listens, or another program already does: the port is in use in both cases.
  await Promise.race([once(occupant, 'listening'), once(occupant, 'error')]);
  onTestFinished(() => void occupant.close());

  const demo = startDemo([...SIMULATION, '--once']);
  expect(await demo.ended, demo.output()).toBe(0);
  const output = demo.output();
  expect(output).not.toContain(ESCAPE);
  expect(output).toMatch(/Port 4000 is in use; using \d+\./);
  expect(output).toMatch(/QUEUED\n[\s\S]*RUNNING\n[\s\S]*COMPLETED\n +100\.0% +epoch 10\/10 +loss /);
  expect(output).toContain('This was a simulation: the metrics are not real, and there is no model.');
});

test('Ctrl-C during the training stops the server, exits with 130 and leaves the job running', async () => {
  const home = temporaryHome();
  const demo = startDemo(['--backend', 'simulation', '--epochs', '100000'], { home });
  const [, id = ''] = await demo.says(/Training (job_\w+)/);
  const [, url = ''] = await demo.says(/through (\S+)/);
  await demo.says(/^RUNNING$/m);

  demo.kill('SIGINT');
  expect(await demo.ended, demo.output()).toBe(130);
  expect(demo.output()).toContain(`Job ${id} continues to run`);
  await expect(fetch(url)).rejects.toThrow();
  const step = () =>
    (JSON.parse(readFileSync(join(home, 'artifacts', 'jobs', `${id}.json`), 'utf8')) as { step: number }).step;
  const before = step();
  await until('the job continues', () => step() > before);
});

test('without --once it prints the address and serves until Ctrl-C, which exits with 0', async () => {
  const demo = startDemo([...SIMULATION, '--port', '0']);
  const [, url = ''] = await demo.says(/GraphiQL .*(http:\S+)/);
  await demo.says(/Press Ctrl-C to stop the server/);
  const response = await fetch(url, { headers: { accept: 'text/html' } });
  expect(await response.text()).toContain('<html');

  demo.kill('SIGINT');
  expect(await demo.ended, demo.output()).toBe(0);
});

test('on a terminal it draws a live progress bar, and shows the cursor again at the end', async () => {
  const terminal = [PYTHON, '-c', 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'];
  const demo = startDemo([...SIMULATION, '--once', '--port', '0'], { wrapper: terminal });
  expect(await demo.ended, demo.output()).toBe(0);
  const output = demo.output();
  expect(output).toMatch(/[█#]+[░-]*.* epoch \d+\/10 +loss/);
  expect(output.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(output.lastIndexOf(`${ESCAPE}[?25l`));
});

test.each([
  { args: ['--epoch', '3'], says: '--epoch' },
  { args: ['--dataset', 'nothing.csv'], says: 'There is no file' },
  { args: ['--epochs', '0', '--port', '0'], says: 'epochs' },
])('$args exits with 2 and an error message', async ({ args, says }) => {
  const demo = startDemo([...args, '--once']);
  expect(await demo.ended, demo.output()).toBe(2);
  expect(demo.output()).toContain(says);
  expect(demo.output()).not.toMatch(/^\s+at /m);
});

test('an explicit port that is in use is one error, with advice', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const demo = startDemo([...SIMULATION, '--once', '--port', String(port)]);
  expect(await demo.ended, demo.output()).toBe(1);
  expect(demo.output().split(`Port ${port} is already in use`)).toHaveLength(2);
  expect(demo.output()).toContain('TRAINYARD_PORT');
});

test('--help lists all flags', async () => {
  const demo = startDemo(['--help']);
  expect(await demo.ended).toBe(0);
  for (const flag of ['--once', '--dataset', '--epochs', '--batch-size', '--learning-rate', '--option', '--port']) {
    expect(demo.output()).toContain(flag);
  }
});

describe.skipIf(!HAS_TORCH)('with PyTorch', () => {
  test('it prints the path of the model and its predictions', async () => {
    const demo = startDemo(['--once', '--port', '0'], { python: PYTHON });
    expect(await demo.ended, demo.output()).toBe(0);
    expect(demo.output()).toMatch(/Model: \S+\/models\/job_\w+\.pt \(.+\)/);
    expect(demo.output()).toMatch(/x +y +prediction\n( +-?[\d.]+){3}\n/);
  });

  test('an unusable table exits with 1 and the reason', async () => {
    const home = temporaryHome();
    // Beyond the rows that a start reads.
    writeFileSync(join(home, 'bad.csv'), `x,y\n${'1,2\n3,5\n'.repeat(10_000)}3\n`);
    const demo = startDemo(['--once', '--port', '0', '--dataset', 'bad.csv'], { home, python: PYTHON });
    expect(await demo.ended, demo.output()).toBe(1);
    expect(demo.output()).toContain('Copied bad.csv to datasets/bad.csv.');
    expect(demo.output()).toMatch(/The training failed \(INVALID_DATASET\): .*bad\.csv.*line 20002/);
  });
});
