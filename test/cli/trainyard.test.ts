import type { AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { readJob, send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { freePort } from '../support/free-port.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { runCommand } from '../support/command.ts';
import { commandEnvironment, startTrainyard, ESCAPE, jsonLines, trainyard } from './command-support.ts';

const ENDLESS = ['start', '--backend', 'simulation', '--epochs', '1000000'];
const SHORT = ['start', '--backend', 'simulation', '--epochs', '5'];

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer({ environment: { TRAINYARD_MAX_RUNNING: '8' } });
  ({ url } = server);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Starts a job with the command. Returns its id. */
async function start(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await trainyard(url, [...args, '--json']);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { id: string }).id;
}

async function waitFor(id: string, status: string): Promise<void> {
  await until(`${id} is ${status}`, async () => (await readJob(url, id)).status === status);
}

describe('start', () => {
  test('it prints the id and the next commands, and the job has the settings of the flags', async () => {
    const options = join(temporaryHome(), 'options.json');
    writeFileSync(options, '{ "patience": 3, "dropout": 0.5 }');
    const { code, stdout } = await trainyard(url, [
      ...SHORT,
      ...['--name', 'first try', '--tag', 'one,two', '--tag', 'three', '-b', '4', '-l', '1e-3', '-s', '7'],
      ...['--priority', '5', '--time-limit', '2m', '--options', options, '--option', 'patience=0'],
    ]);
    expect(code).toBe(0);
    const [, id = ''] =
      /^Started (job_\d+_[0-9a-f]{8})\.\nTo watch it: trainyard watch [0-9a-f]{8}\nTo stop it: {2}trainyard stop [0-9a-f]{8}\n$/.exec(
        stdout,
      ) ?? [];
    const { data } = await send(
      url,
      'query ($id: ID!) { job(id: $id) { name tags batchSize learningRate seed epochs priority options } }',
      { id },
    );
    expect(data).toEqual({
      job: {
        name: 'first try',
        tags: ['one', 'two', 'three'],
        batchSize: 4,
        learningRate: 0.001,
        seed: 7,
        epochs: 5,
        priority: 5,
        options: { patience: 0, dropout: 0.5 },
      },
    });
  });

  test('with --watch it shows the training in plain lines and exits with 0 when the job is COMPLETED', async () => {
    const { code, stdout } = await trainyard(url, [...SHORT, '--watch']);
    expect(code, stdout).toBe(0);
    expect(stdout).not.toContain(ESCAPE);
    expect(stdout).toMatch(/^Training job_\w+ at http[\s\S]*QUEUED\n[\s\S]*RUNNING\n[\s\S]*COMPLETED\n +100\.0%/);
    // Status and log have separate feeds; only the final status waits for all lines.
    expect(stdout).toMatch(/Epoch 5\/5: loss [\s\S]*COMPLETED\n/);
    expect(stdout).toContain('This was a simulation');
  });

  test('Ctrl-C before the server answers says how to find out whether the job has started', async () => {
    const silent = createHttpServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    await once(silent, 'listening');
    const asked = once(silent, 'request');
    const starting = startTrainyard(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, ['start']);
    await asked;
    starting.kill('SIGINT');
    expect(await starting.ended, starting.output()).toBe(130);
    expect(starting.output()).toContain('Interrupted. `trainyard jobs` shows whether the job has started.');
  });

  test('a repeated idempotency key returns the same job', async () => {
    const args = [...SHORT, '--idempotency-key', 'the same'];
    expect(await start(args)).toBe(await start(args));
  });

  test.each([
    { args: ['--epoch', '5'], says: "unknown option '--epoch'\n(Did you mean --epochs?)" },
    { args: ['--epochs', 'five'], says: '--epochs takes a whole number, not "five".' },
    { args: ['--option', 'patience'], says: '--option takes KEY=VALUE' },
    { args: ['--options', '/nowhere.json'], says: '--options /nowhere.json cannot be read' },
    { args: ['--backend', 'gpu'], says: '--backend takes AUTO, TORCH, SIMULATION, not "gpu".' },
    { args: ['--retry-on', 'signal'], says: '--retry-on and --retry-backoff need --retries' },
    { args: ['--time-limit', 'soon'], says: '--time-limit takes a duration' },
    { args: ['--epochs', '0'], says: 'epochs must be a whole number from 1 to 1,000,000; it was 0.' },
    {
      args: ['--epochs', '1000000000000'],
      says: 'epochs must be a whole number from 1 to 1,000,000; it was 1000000000000.',
    },
    {
      args: ['--seed', '99999999999'],
      says: 'seed must be a whole number from 0 to 2,147,483,647; it was 99999999999.',
    },
    { args: ['--dataset', 'nothing.csv'], says: '`trainyard datasets` lists all datasets.' },
    { args: ['--url', 'localhost'], says: '--url takes an address' },
    { args: ['--token-file', '/nowhere'], says: '--token-file /nowhere cannot be read (ENOENT).' },
  ])('$args exits with 2 and an error message', async ({ args, says }) => {
    const { code, stdout, stderr } = await trainyard(url, ['start', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('watch', () => {
  test('it accepts an id, a unique start or end of one, and @last', async () => {
    const id = await start(SHORT);
    for (const reference of [id, id.slice(-8), id.slice(0, -2), id.slice(4, -1), '@last']) {
      const { code, stdout } = await trainyard(url, ['watch', reference, '--no-log']);
      expect(code, reference).toBe(0);
      expect(stdout).toContain('COMPLETED');
    }
  });

  test('a reference that matches no job or several jobs exits with 1, and lists the matches', async () => {
    await start(SHORT);
    await start(SHORT);
    expect(await trainyard(url, ['watch', 'zzz'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No job id starts or ends with "zzz"') as string,
    });
    expect(await trainyard(url, ['watch', 'job_1'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/"job_1" matches job_\d+_\w+, job_/) as string,
    });
  });

  test('its exit code shows how the job ended', async () => {
    const stopped = await start(ENDLESS);
    const watching = startTrainyard(url, ['watch', stopped]);
    await watching.says(/RUNNING/);
    expect(await trainyard(url, ['stop', stopped])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(stopped) as string,
    });
    expect(await watching.ended, watching.output()).toBe(4);

    const { code, stdout } = await trainyard(url, [...ENDLESS, '--time-limit', '1s', '--watch']);
    expect(code, stdout).toBe(3);
    expect(stdout).toMatch(/ERROR\n[\s\S]*The training failed \(TIME_LIMIT\): /);
  });

  test('with --json it prints one object per message, from the first to the final status', async () => {
    const { code, stdout } = await trainyard(url, [...SHORT, '--watch', '--json']);
    expect(code).toBe(0);
    const messages = jsonLines<{ jobId: string; status: string; step: number; cursor: string }>(stdout);
    expect(messages).toHaveLength(stdout.trim().split('\n').length);
    expect(messages[0]?.status).toBe('QUEUED');
    expect(messages.at(-1)?.status).toBe('COMPLETED');
    expect(new Set(messages.map(({ cursor }) => cursor)).size).toBe(messages.length);
  });

  test('Ctrl-C exits with 130 and a notice that the job continues to run', async () => {
    const id = await start(ENDLESS);
    const watching = startTrainyard(url, ['watch', id]);
    await watching.says(/Epoch \d+\/1000000/);
    watching.kill('SIGINT');
    expect(await watching.ended).toBe(130);
    expect(watching.output()).toContain(`Job ${id} continues to run.`);
    const { progress } = await readJob(url, id);
    await until('the job continues', async () => (await readJob(url, id)).progress.step > progress.step);
    await trainyard(url, ['stop', id]);
  });

  test('on a terminal it draws a progress bar and the curve of the loss, and shows the cursor again at the end', async () => {
    const terminal = [
      'python3',
      '-c',
      'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))',
    ];
    // Two seconds, so that the terminal shows a part of it.
    const watching = startTrainyard(url, [...SHORT.slice(0, -1), '400', '--watch'], { wrapper: terminal });
    expect(await watching.ended, watching.output()).toBe(0);
    // Redrawn, and gone at the end: only the last message remains.
    const end = watching.output().slice(watching.output().lastIndexOf(`${ESCAPE}[J`));
    expect(end.match(/Epoch \d+\/400/g)?.length ?? 0).toBeLessThan(2);
    expect(watching.output()).toMatch(/loss\S* \S*[▁▂▃▄▅▆▇█]+/);
    expect(watching.output()).toMatch(/[█]+░+\S* +\d+\.\d%/);
    expect(watching.output().lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(
      watching.output().lastIndexOf(`${ESCAPE}[?25l`),
    );
  });
});

describe('jobs', () => {
  test('it lists filtered jobs, newest first, as a table and as JSON', async () => {
    const first = await start([...SHORT, '--tag', 'listed', '--name', 'older']);
    const second = await start([...SHORT, '--tag', 'listed', '--name', 'newer']);
    const { stdout } = await trainyard(url, ['jobs', '--tag', 'listed']);
    expect(stdout).toMatch(
      new RegExp(
        `^NAME +SCORE +METRIC +BASELINE +FROM +STATUS +PROGRESS +EPOCH +TIME +JOB +DATASET\nnewer .* ${second} .*\nolder .* ${first} `,
      ),
    );
    const rows = JSON.parse((await trainyard(url, ['jobs', '--tag', 'listed', '--json', '--reverse'])).stdout) as {
      id: string;
      progress: { percent: number };
    }[];
    expect(rows.map(({ id }) => id)).toEqual([first, second]);
    expect(rows[0]?.progress.percent).toEqual(expect.any(Number));
    expect((await trainyard(url, ['jobs', '--limit', '1'])).stdout).toMatch(/1 of \d+ jobs\. Use --limit or --all/);
    expect(await trainyard(url, ['jobs', '--name', 'unused'])).toMatchObject({
      code: 0,
      stdout: 'No job matches.\n',
    });
  });

  test('with --follow it prints each change of status, and with --json each change', async () => {
    const following = startTrainyard(url, ['jobs', '--follow', '--tag', 'followed']);
    const asJson = startTrainyard(url, ['jobs', '--follow', '--tag', 'followed', '--json']);
    // There is no sign that they are subscribed, so jobs are started until both have printed one.
    await until('both follow', async () => {
      const id = await start([...SHORT, '--tag', 'followed']);
      return until(
        'both have printed it',
        () => [following, asJson].every((one) => one.output().includes(id)),
        5,
      ).catch(() => false);
    });
    await following.says(/job_\w+ COMPLETED/);
    await asJson.says(/"status":"COMPLETED"/);
    expect(jsonLines(asJson.output())[0]).toMatchObject({ kind: 'ADDED', job: { tags: ['followed'] } });
    following.kill('SIGINT');
    expect(await following.ended).toBe(130);
  });

  test.each([
    { args: ['--status', 'done'], says: '--status takes QUEUED' },
    { args: ['--metric', 'loss'], says: "--metric takes a condition such as 'val_loss<0.2'" },
    { args: ['--created-after', 'tuesday'], says: '--created-after takes a time' },
    { args: ['--order-by', 'size'], says: '--order-by takes CREATED, ENDED, NAME, PROGRESS' },
    { args: ['--follow', '--reverse'], says: '--follow lists the newest jobs first' },
  ])('$args exits with 2', async ({ args, says }) => {
    expect(await trainyard(url, ['jobs', ...args])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(says) as string,
    });
  });
});

describe('logs and metrics', () => {
  test('logs prints the last lines, and with -f all lines until the job ends', async () => {
    const id = await start([...SHORT.slice(0, -1), '40']);
    const following = startTrainyard(url, ['logs', '-f', id]);
    expect(await following.ended).toBe(0);
    expect(following.output().match(/Epoch (\d+)\/40/g)).toHaveLength(40);
    const { stdout } = await trainyard(url, ['logs', id, '-n', '1']);
    expect(stdout).toMatch(/^Epoch 40\/40: loss .*\n$/);
    expect(jsonLines((await trainyard(url, ['logs', id, '-n', '1', '--json'])).stdout)).toEqual([
      { at: expect.stringMatching(/Z$/) as string, stream: 'STDOUT', text: stdout.trim() },
    ]);
  });

  test('metrics --csv prints the exact history, and without --csv there is a chart', async () => {
    const id = await start([...SHORT.slice(0, -1), '30']);
    await waitFor(id, 'COMPLETED');
    type Series = { name: string; points: { step: number; value: number; at: string }[] };
    const { data } = await send<{ job: { metrics: Series[] } }>(
      url,
      'query ($id: ID!) { job(id: $id) { metrics { name points { step value at } } } }',
      { id },
    );
    const metrics = data?.job.metrics ?? [];
    const [header = '', ...rows] = (await trainyard(url, ['metrics', id, '--csv'])).stdout.trimEnd().split('\n');
    expect(header).toBe(['step', 'at', ...metrics.map(({ name }) => name)].join(','));
    for (const [index, { name, points }] of metrics.entries()) {
      const read = rows.map((row) => row.split(',')).filter((cells) => cells[index + 2] !== '');
      expect(
        read.map((cells) => ({ step: Number(cells[0]), at: cells[1], value: Number(cells[index + 2]) })),
        name,
      ).toEqual(points.map(({ step, at, value }) => ({ step, at, value })));
    }
    expect(JSON.parse((await trainyard(url, ['metrics', id, 'loss', '--json'])).stdout)).toMatchObject([
      { name: 'loss', totalPoints: rows.length },
    ]);

    const plotted = (await trainyard(url, ['metrics', id])).stdout;
    expect(plotted).toMatch(/loss 0\.\d+ \(best 0\.\d+ at step \d+\)/);
    expect(plotted).toMatch(/┤[ ╰─╮│╭╯]+/);
    expect(await trainyard(url, ['metrics', id, '--log', 'accuracy'])).toMatchObject({
      code: 0,
      stdout: `${id} has not reported accuracy yet. It has: loss, val_loss.\n`,
    });
    expect(await trainyard(url, ['metrics', id, '--csv', '--json'])).toMatchObject({ code: 2 });
  });

  test('metrics shows the training; system metrics are recorded, and shown on request', async () => {
    await using measured = await startTestServer({
      environment: { TRAINYARD_SYSTEM_METRICS_SECONDS: '0.1', TRAINYARD_SIMULATION_STEP_SECONDS: '0.02' },
    });
    const { url: itsUrl } = measured;
    const job =
      /job_\d+_[0-9a-f]{8}/.exec((await trainyard(itsUrl, [...SHORT.slice(0, -1), '2000'])).stdout)?.[0] ?? '';
    const columns = async (...flags: string[]) =>
      (await trainyard(itsUrl, ['metrics', job, '--csv', ...flags])).stdout.split('\n', 1)[0]?.split(',').slice(2) ??
      [];
    const system = ['system/cpu_percent', 'system/memory_bytes'];
    await until('a measurement', async () => (await columns('--system')).includes('system/memory_bytes'));
    expect((await columns('--system')).slice(-2)).toEqual(system);
    expect(await columns(...system)).toEqual(system);
    expect(await columns()).not.toEqual([]);
    expect((await columns()).filter((name) => name.startsWith('system/'))).toEqual([]);
    expect((await trainyard(itsUrl, ['metrics', job])).stdout).not.toContain('system/');
    expect((await trainyard(itsUrl, ['metrics', job, '--system'])).stdout).toMatch(/system\/memory_bytes \d\S*\n/);
    const { data } = await send<{ job: { best: { name: string }[]; progress: { metrics: object } } }>(
      itsUrl,
      'query ($id: ID!) { job(id: $id) { best { name } progress { metrics } } }',
      { id: job },
    );
    expect(JSON.stringify(data)).toMatch(/loss/);
    expect(JSON.stringify(data)).not.toContain('system/');
  });

  test('a history with more points than one response allows is complete', async () => {
    const id = await start(SHORT);
    await waitFor(id, 'COMPLETED');
    const file = join(server.home, 'artifacts', 'metrics', `${id}.jsonl`);
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    const report = JSON.parse(first) as object;
    const steps = Array.from({ length: 25_000 }, (_, index) => index + 100);
    appendFileSync(
      file,
      steps.map((step) => `${JSON.stringify({ ...report, step, values: { loss: step / 7 } })}\n`).join(''),
    );
    const { code, stdout } = await trainyard(url, ['metrics', id, 'loss', '--csv', '--from-step', '100']);
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','));
    expect(rows.map(([step, , loss]) => [Number(step), Number(loss)])).toEqual(steps.map((step) => [step, step / 7]));
    expect(await trainyard(url, ['metrics', id])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('25099') as string,
    });
  });
});

describe('stop, resume and delete', () => {
  test('stop --wait says that a job had to be killed, and what is left of it', async () => {
    const id = await start(ENDLESS);
    await waitFor(id, 'RUNNING');
    const { pid } = await readJob(url, id);
    process.kill(pid ?? NaN, 'SIGSTOP'); // It cannot handle the stop request.
    const { stdout } = await trainyard(url, ['stop', id, '--wait', '--grace', '1s']);
    expect(stdout).toMatch(
      new RegExp(
        `^${id} is STOPPED\\.\nThe training did not end within \\d+ s and was killed\\. (There is no checkpoint|Last checkpoint: \\S+, saved \\d+ s before the end)\\.\n$`,
      ),
    );
    expect(JSON.parse((await trainyard(url, ['stop', id, '--wait', '--json'])).stdout)).toMatchObject({
      stop: { graceful: false },
    });
    await trainyard(url, ['delete', id]);
  });

  test('a job can be stopped, resumed, stopped again and deleted', async () => {
    const id = await start(ENDLESS);
    await waitFor(id, 'RUNNING');
    expect(await trainyard(url, ['delete', id])).toMatchObject({
      code: 1,
      stdout: `Did not delete ${id}: the job has not ended.\n`,
    });
    expect(await trainyard(url, ['stop', id, '--wait', '--grace', '20s'])).toMatchObject({
      code: 0,
      stdout: `${id} is STOPPED.\n`,
    });
    expect(JSON.parse((await trainyard(url, ['resume', id, '--json'])).stdout)).toMatchObject({ id });
    await waitFor(id, 'RUNNING');
    expect(await trainyard(url, ['resume', id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(id) as string,
    });
    expect(JSON.parse((await trainyard(url, ['stop', id, '--wait', '--json'])).stdout)).toMatchObject({
      id,
      status: 'STOPPED',
    });
    expect(await trainyard(url, ['stop', id])).toMatchObject({ code: 0 });
    expect(JSON.parse((await trainyard(url, ['delete', id, '--json'])).stdout)).toEqual({ deletedIds: [id] });
    expect(await trainyard(url, ['watch', id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Job ${id} does not exist`) as string,
    });
  });

  test('without a terminal, a filter deletes jobs only with --yes', async () => {
    const id = await start([...SHORT, '--tag', 'temporary']);
    await waitFor(id, 'COMPLETED');
    expect(await trainyard(url, ['delete'])).toMatchObject({ code: 2 });
    expect(await trainyard(url, ['delete', '--tag', 'temporary'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Delete 1 job with') as string,
    });
    expect(await trainyard(url, ['delete', '--tag', 'temporary', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: `${id} would be deleted.\nDry run: 1 job would be deleted.\n`,
    });
    expect(JSON.parse((await trainyard(url, ['delete', id, '--dry-run', '--json'])).stdout)).toEqual({
      wouldDelete: { count: 1, ids: [id] },
    });
    expect(await trainyard(url, ['delete', '--text', ' ', '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Give at least one condition that is not empty') as string,
    });
    expect(await trainyard(url, ['delete', '--tag', 'temporary', '--yes'])).toMatchObject({
      code: 0,
      stdout: `Deleted ${id}.\n`,
    });
    expect(await trainyard(url, ['delete', '--tag', 'temporary'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No jobs were deleted') as string,
    });
  });
});

describe('the connection to the server', () => {
  test('exit code 5 stands for a server that is down, and for a program that is not a Trainyard server', async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    for (const args of [['jobs'], ['start'], ['watch', '@last'], ['logs', '-f', 'job_1_00000000'], ['jobs', '-f']]) {
      expect(await trainyard(address, args)).toEqual({
        code: 5,
        stdout: '',
        stderr: `No server responds at ${address}. Start one with \`trainyard serve\`, or set another address with --url.\n`,
      });
    }
    const other = createHttpServer((_request, response) => void response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const wrong = startTrainyard(`http://127.0.0.1:${(other.address() as AddressInfo).port}`, ['jobs']);
    expect(await wrong.ended).toBe(5);
    expect(wrong.output()).toContain('is not a Trainyard server (HTTP 200)');
  });

  test('the token comes from the environment or a file, and exit code 6 stands for a missing or wrong token', async () => {
    const tokens = join(temporaryHome(), 'tokens');
    writeFileSync(tokens, `ada ${createHash('sha256').update('secret').digest('hex')}\n`);
    await using guarded = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: tokens } });
    const file = join(temporaryHome(), 'token');
    writeFileSync(file, 'secret\n');
    expect(await trainyard(guarded.url, ['jobs'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('needs an access token') as string,
    });
    expect(await trainyard(guarded.url, ['jobs'], { environment: { TRAINYARD_TOKEN: 'guess' } })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('does not accept this access token') as string,
    });
    expect(await trainyard(guarded.url, [...SHORT, '--watch', '--token-file', file])).toMatchObject({ code: 0 });
    expect(
      await trainyard(guarded.url, ['watch', '@last'], { environment: { TRAINYARD_TOKEN: 'secret' } }),
    ).toMatchObject({
      code: 0,
    });
  });

  test('a command that follows a job survives a restart of the server, prints a notice, and misses nothing', async () => {
    const environment = { TRAINYARD_SIMULATION_STEP_SECONDS: '0.02' };
    await using first = await startTestServer({ environment });
    const { id } = await startTraining(first.url, { backend: 'SIMULATION', epochs: 1_000_000 });
    const asJson = startTrainyard(first.url, ['watch', id, '--json']);
    const plain = startTrainyard(first.url, ['watch', id, '--no-log']);
    const log = startTrainyard(first.url, ['logs', '-f', id, '-n', '10000']);
    await Promise.all([asJson.says(/"RUNNING"/), plain.says(/RUNNING/), log.says(/Epoch 3\//)]);
    await first.end('SIGKILL');
    await Promise.all([plain.says(/Connection lost, reconnecting\./), log.says(/Connection lost, reconnecting\./)]);
    const received = jsonLines(asJson.output()).length;

    await using second = await startTestServer({ home: first.home, port: first.port, environment });
    await Promise.all([plain.says(/Reconnected\./), log.says(/Reconnected\./)]);
    await until('more messages arrive', () => jsonLines(asJson.output()).length > received);
    expect(await trainyard(second.url, ['stop', id])).toMatchObject({ code: 0 });
    for (const command of [asJson, plain, log]) {
      expect(await command.ended, command.output()).toBe(command === log ? 0 : 4);
    }
    const messages = jsonLines<{ cursor: string; step: number; status: string }>(asJson.output());
    expect(messages.at(-1)?.status).toBe('STOPPED');
    expect(new Set(messages.map(({ cursor }) => cursor)).size).toBe(messages.length);
    expect(messages.map(({ step }) => step)).toEqual(messages.map(({ step }) => step).toSorted((a, b) => a - b));
    const epochs = [...log.output().matchAll(/^Epoch (\d+)\//gm)].map(([, epoch]) => Number(epoch));
    expect(epochs).toEqual(Array.from({ length: epochs.length }, (_, index) => index + 1));
  });
});

test('help lists all commands, examples and exit codes; an unknown command suggests a similar one', async () => {
  const { code, stdout } = await trainyard(null, ['--help']);
  expect(code).toBe(0);
  const names = 'doctor setup serve start watch jobs logs metrics stop resume delete'.split(' ');
  for (const name of [...names, 'complete']) expect(stdout).toMatch(new RegExp(`^  ${name}`, 'm'));
  expect(stdout).toContain('Exit codes:');
  expect(await trainyard(null, ['wach'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean watch?') as string,
  });
});

test.each(['bash', 'zsh', 'fish'])('it prints a completion script for %s', async (shell) => {
  const { code, stdout } = await trainyard(null, ['complete', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain('trainyard');
  // The start of .zshrc has no command compdef.
  if (shell === 'zsh')
    expect(stdout).toMatch(/^#compdef trainyard\n.*compinit; }\n#compdef trainyard\ncompdef _trainyard/);
});

test('completion in bash works without bash-completion, also when its script is sourced twice', async () => {
  const folder = temporaryHome();
  const program = join(REPOSITORY_ROOT, 'src/trainyard.ts');
  writeFileSync(join(folder, 'trainyard'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, {
    mode: 0o755,
  });
  const complete = (line: string) => `
    COMP_LINE='${line}' COMP_POINT=${line.length}
    __trainyard_complete && echo "\${COMPREPLY[*]}"`;
  const script = `
    source <(trainyard complete bash) && source <(trainyard complete bash) && complete -p trainyard
    ${['trainyard wat', 'trainyard jobs --status=comp', 'trainyard jobs --order-by metri', 'trainyard watch @'].map(complete).join('\n')}
    ${complete('trainyard start --name "$(touch typed)" --ep')}
    ls`;
  const running = runCommand('bash', ['--norc', '--noprofile', '-c', script], {
    cwd: folder,
    environment: commandEnvironment('http://127.0.0.1:1', { PATH: `${folder}:${process.env['PATH'] ?? ''}` }),
  });
  expect(await running.ended, running.output()).toBe(0);
  expect(running.output().trim().split('\n')).toEqual([
    'complete -o default -F __trainyard_complete trainyard',
    'watch',
    'completed',
    'metric:',
    '@last',
    '--epochs',
    // The typed text is not run.
    'trainyard',
  ]);
});

test('completion suggests commands, flags, their values and the newest jobs, and works without a server', async () => {
  const complete = async (address: string | null, ...words: string[]) =>
    (await trainyard(address, ['complete', '--', ...words])).stdout;
  expect(await complete(null, 'wat')).toMatch(/^watch\t/);
  expect(await complete(null, 'start', '--ep')).toMatch(/^--epochs\t/);
  expect(await complete(null, 'jobs', '--status', 'run')).toMatch(/^running/);
  const id = await start(SHORT);
  // It gives up after less than a second, so that a terminal does not wait for a busy server.
  await until('the newest job is suggested', async () => (await complete(url, 'watch', 'job_')).includes(id));
  expect(await complete('http://127.0.0.1:1', 'watch', '')).toContain('@last');
});

test('a closed pipe ends a live command without an error', async () => {
  const id = await start(ENDLESS);
  const piped = startTrainyard(url, ['logs', '-f', id], { wrapper: ['sh', '-c', '"$@" | head -2', 'sh'] });
  expect(await piped.ended).toBe(0);
  expect(piped.output()).not.toMatch(/EPIPE/);
  await trainyard(url, ['stop', id]);
});
