import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, readJob, send, startTraining } from '../support/api-client.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { until } from '../support/until.ts';

const PREDICT = `query ($jobId: ID!, $rows: [JSON!]!) {
  predict(jobId: $jobId, rows: $rows) {
    __typename
    ... on PredictSuccess { predictions { value probabilities } warnings }
    ... on Error { message }
    ... on InvalidInputError { path }
    ... on ModelUnavailableError { jobId }
  }
}`;

interface PredictAnswer {
  readonly __typename: string;
  readonly message?: string;
  readonly path?: readonly string[];
  readonly predictions?: readonly { readonly value: unknown; readonly probabilities: Record<string, number> | null }[];
  readonly warnings?: readonly string[];
}

let server: TestServer;
/** Jobs that predict a number (y = 2x + 0.05), and a class from all kinds of columns. */
let numbers: string;
let classes: string;

async function predict(jobId: string, rows: readonly unknown[]): Promise<PredictAnswer> {
  const { data, errors } = await send<{ predict: PredictAnswer }>(server.url, PREDICT, { jobId, rows });
  if (data == null) throw new Error(JSON.stringify(errors));
  return data.predict;
}

const START = `mutation ($input: StartPredictionInput!) {
  startPrediction(input: $input) {
    __typename
    ... on StartPredictionSuccess { job { id name trainer epochs } }
    ... on Error { message }
  }
}`;

interface StartAnswer {
  readonly __typename: string;
  readonly message?: string;
  readonly job?: { readonly id: string };
}

async function startPrediction(jobId: string, dataset: string, options?: unknown): Promise<StartAnswer> {
  const { data, errors } = await send<{ startPrediction: StartAnswer }>(server.url, START, {
    input: { jobId, dataset, options },
  });
  if (data == null) throw new Error(JSON.stringify(errors));
  return data.startPrediction;
}

interface File {
  readonly path: string;
  readonly url: string;
}

async function filesOf(id: string): Promise<readonly File[]> {
  const query = 'query ($id: ID!) { job(id: $id) { files { edges { node { path url } } } } }';
  const { data } = await send<{ job: { files: { edges: { node: File }[] } } }>(server.url, query, { id });
  return data?.job.files.edges.map(({ node }) => node) ?? [];
}

async function train(input: object): Promise<string> {
  const { id } = await startTraining(server.url, { backend: 'TORCH', ...input });
  expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)?.status).toBe('COMPLETED');
  return id;
}

function addDataset(name: string, text: string): void {
  mkdirSync(join(server.home, 'datasets'), { recursive: true });
  writeFileSync(join(server.home, 'datasets', name), text);
}

/** The processes that hold the models of the server. */
function workers(): number[] {
  const isWorker = (pid: string) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('trainyard.prediction')) return false;
      const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
      return readFileSync(`/proc/${parent}/environ`, 'utf8').split('\0').includes(`TRAINYARD_HOME=${server.home}`);
    } catch {
      return false; // it has ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isWorker(name))
    .map(Number);
}

/** Whether a person is a member depends on age and city. */
function people(rows: number): string {
  const lines = ['age,city,joined,member'];
  for (let row = 0; row < rows; row += 1) {
    const age = 20 + ((row * 7) % 50);
    const city = ['Rome', 'Oslo', 'Lima'][row % 3] ?? '';
    const day = String(1 + (row % 28)).padStart(2, '0');
    lines.push(`${age},${city},2025-0${1 + (row % 9)}-${day},${age + (city === 'Oslo' ? 20 : 0) > 50 ? 'yes' : 'no'}`);
  }
  return `${lines.join('\n')}\n`;
}

const PERSON = { age: 60, city: 'Oslo', joined: '2025-03-01' };

describe.skipIf(!HAS_TORCH)('predict', () => {
  beforeAll(async () => {
    server = await startTestServer();
    addDataset('people.csv', people(300));
    [numbers, classes] = await Promise.all([
      train({ epochs: 50 }),
      train({ dataset: 'people.csv', epochs: 30, options: { target: 'member' } }),
    ]);
  }, 300_000);
  afterAll(() => server[Symbol.asyncDispose]());

  test('predicts numbers, and classes with their probabilities, with two models at once', async () => {
    const [one, other] = await Promise.all([
      predict(numbers, [{ x: 1 }, { x: 3 }]),
      predict(classes, [PERSON, { ...PERSON, age: 22, city: 'Lima' }]),
    ]);
    expect(one).toMatchObject({ __typename: 'PredictSuccess', warnings: [] });
    const values = (one.predictions ?? []).map(({ value }) => value as number);
    expect(values[0]).toBeCloseTo(2.05, 0);
    expect(values[1]).toBeCloseTo(6.05, 0);
    expect(one.predictions?.[0]?.probabilities).toBeNull();
    expect(other.predictions?.map(({ value }) => value)).toEqual(['yes', 'no']);
    const { yes = 0, no = 0 } = other.predictions?.[0]?.probabilities ?? {};
    expect(yes).toBeGreaterThan(0.5);
    expect(yes + no).toBeCloseTo(1, 5);
  });

  test('answers one row in under 50 ms after the first call', async () => {
    await predict(numbers, [{ x: 1 }]);
    // One of many calls: other programs on this machine only make calls slower.
    await until('an answer takes less than 50 ms', async () => {
      const started = performance.now();
      await predict(numbers, [{ x: 1 }]);
      return performance.now() - started < 50;
    });
  });

  test('predicts 1,000 rows, and refuses more', async () => {
    const rows = Array.from({ length: 1000 }, (_, x) => ({ x: x / 100 }));
    const { predictions } = await predict(numbers, rows);
    expect(predictions).toHaveLength(1000);
    const values = predictions?.map(({ value }) => value as number) ?? [];
    expect(values.toSorted((a, b) => a - b)).toEqual(values);
    expect(await predict(numbers, [...rows, { x: 1 }])).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining('the maximum is 1000') as string,
      path: ['rows'],
    });
    expect(await predict(numbers, [])).toMatchObject({ predictions: [], warnings: [] });
  });

  test('warns of unknown values, other types and absent columns, with their number', async () => {
    const rows = [
      PERSON,
      { ...PERSON, city: 'Atlantis' },
      { ...PERSON, city: 'Gotham', age: 'old', joined: null },
      { ...PERSON, age: true },
    ];
    const { predictions, warnings } = await predict(classes, rows);
    expect(predictions).toHaveLength(4);
    expect(warnings).toEqual([
      "Column 'age': 2 of 4 values are not numbers and count as missing; the first is 'old' in row 3.",
      "Column 'city': 2 of 4 rows have a value that the model does not know; the first is 'Atlantis' in row 2.",
    ]);
  });

  test('describes the inputs of a model, with typical values', async () => {
    const query = `query ($id: ID!) { job(id: $id) {
      model { task targets classes inputCount inputs { name kind example categories } }
    } }`;
    const modelOf = async (id: string) =>
      (await send<{ job: { model: unknown } }>(server.url, query, { id })).data?.job.model;
    expect(await modelOf(classes)).toEqual({
      task: 'CLASSIFICATION',
      targets: ['member'],
      classes: ['no', 'yes'],
      inputCount: 3,
      inputs: [
        { name: 'age', kind: 'NUMBER', example: expect.stringMatching(/^\d+(\.5)?$/) as string, categories: [] },
        {
          name: 'city',
          kind: 'CATEGORY',
          example: expect.any(String) as string,
          categories: expect.arrayContaining(['Lima', 'Oslo', 'Rome']) as string[],
        },
        { name: 'joined', kind: 'DATE', example: expect.stringMatching(/^2025-\d\d-\d\d/) as string, categories: [] },
      ],
    });
    const model = (await modelOf(classes)) as { inputs: { name: string; example: string }[] };
    const { warnings } = await predict(classes, [
      Object.fromEntries(model.inputs.map(({ name, example }) => [name, example])),
    ]);
    expect(warnings).toEqual([]);
    expect(await modelOf(numbers)).toMatchObject({ task: 'REGRESSION', targets: ['y'], classes: [] });
    const { id: simulated } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });
    expect(await modelOf(simulated)).toBeNull();
  });

  test('names missing columns, with the most similar one', async () => {
    expect(await predict(classes, [{ Age: 60, city: 'Oslo' }])).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringMatching(/missing columns 'age', 'joined'.* Rename 'Age' if it is 'age'/) as string,
    });
  });

  test('explains why a job cannot predict', async () => {
    expect(await predict('job_1_00000000', [{ x: 1 }])).toMatchObject({ __typename: 'JobNotFoundError' });
    const { id: simulated } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });
    expect(await predict(simulated, [{ x: 1 }])).toMatchObject({
      __typename: 'ModelUnavailableError',
      message: expect.stringContaining('simulation') as string,
    });
    expect(await predict(numbers, [1, [], 'x'])).toMatchObject({
      __typename: 'InvalidInputError',
      path: ['rows', '0'],
    });
  });

  test('uses a changed model from the next call on, and reports a damaged or deleted one', async () => {
    const id = await train({ epochs: 5 });
    const [first] = (await predict(id, [{ x: 2 }])).predictions ?? [];
    const file = join(server.home, 'models', `${id}.safetensors`);
    const better = readFileSync(join(server.home, 'models', `${numbers}.safetensors`));
    writeFileSync(file, better);
    utimesSync(file, 1, 1);
    const [second] = (await predict(id, [{ x: 2 }])).predictions ?? [];
    const [expected] = (await predict(numbers, [{ x: 2 }])).predictions ?? [];
    expect(second).toEqual(expected);
    expect(second).not.toEqual(first);
    writeFileSync(file, better.subarray(0, 200));
    const damaged = await predict(id, [{ x: 2 }]);
    expect(damaged).toMatchObject({ __typename: 'ModelUnavailableError' });
    expect(damaged.message).toMatch(/damaged/);
    rmSync(file);
    // The same weights as .pt.
    expect((await predict(id, [{ x: 2 }])).predictions?.[0]).toEqual(first);
    rmSync(join(server.home, 'models', `${id}.pt`));
    expect((await predict(id, [{ x: 2 }])).message).toMatch(/was deleted/);
  });

  test('a request whose process is killed with its model is answered by another process', async () => {
    for (const pid of workers()) process.kill(pid, 'SIGKILL');
    await until('the workers are gone', () => workers().length === 0);
    // A request fails after it was sent to two dead processes.
    const expected = await until(
      'a new process answers',
      async () => (await predict(numbers, [{ x: 2 }])).predictions?.[0],
    );
    const [holder = NaN, ...others] = workers();
    expect({ isHeld: holder > 0, others }).toEqual({ isHeld: true, others: [] });
    process.kill(holder, 'SIGSTOP');
    // One of them waits for the stopped process; a second process, which then starts, answers the other.
    const answers = [predict(numbers, [{ x: 2 }]), predict(numbers, [{ x: 2 }])];
    await Promise.race(answers);
    process.kill(holder, 'SIGKILL');
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ __typename: 'PredictSuccess', predictions: [expected] });
    }
    expect((await predict(numbers, [{ x: 2 }])).predictions).toEqual([expected]);
    expect(workers()).not.toContain(holder);
  });

  test('gives a typed result for any rows', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.double(),
      fc.constantFrom('NaN', 'inf', '1e999', '\u0000', '\ud800', '😀'.repeat(50), '-', '٣', '1_000'),
    );
    const row: fc.Arbitrary<unknown> = fc.oneof(
      value,
      fc.dictionary(fc.constantFrom('age', 'city', 'joined', 'x', '__proto__', 'constructor', ''), value),
      fc.record({ age: value, city: value, joined: value }),
    );
    await fc.assert(
      // GraphQL itself refuses null as a row.
      fc.asyncProperty(
        fc.array(
          row.filter((one) => JSON.stringify(one) !== 'null'),
          { maxLength: 8 },
        ),
        fc.constantFrom(numbers, classes),
        async (rows, id) => {
          const answer = await predict(id, rows);
          expect(['PredictSuccess', 'InvalidInputError']).toContain(answer.__typename);
          if (answer.predictions) expect(answer.predictions).toHaveLength(rows.length);
        },
      ),
      { numRuns: 300, interruptAfterTimeLimit: 60_000 },
    );
    expect(server.output()).not.toContain('Traceback');
  }, 120_000);

  test('a prediction job writes a CSV file that downloads, with progress and warnings in its log', async () => {
    addDataset('new.csv', `note,age,city,joined\n"a, b",60,Oslo,2025-03-01\n,old,Atlantis,2025-03-01\n`);
    const { __typename, job } = await startPrediction(classes, 'new.csv');
    expect(__typename).toBe('StartPredictionSuccess');
    expect(job).toMatchObject({ name: 'Predictions for new.csv', trainer: 'prediction', epochs: null });
    const id = job?.id ?? '';
    expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)).toMatchObject({
      status: 'COMPLETED',
      percent: 100,
      step: 2,
    });
    const [file, ...others] = await filesOf(id);
    expect([file?.path, others]).toEqual(['predictions.csv', []]);
    const text = await (await fetch(server.url + (file?.url ?? ''))).text();
    const [header, first, second] = text.split('\n');
    expect(header).toBe('note,age,city,joined,prediction,probability_no,probability_yes');
    expect(first).toMatch(/^"a, b",60,Oslo,2025-03-01,yes,/);
    expect(second).toMatch(/^,old,Atlantis,2025-03-01,(yes|no),/);
    const log = await (await fetch(`${server.url}/jobs/${id}/log`)).text();
    expect(log).toContain(
      "Column 'age': 1 of 2 values are not numbers and count as missing; the first is 'old' in line 3.",
    );
  });

  test('a prediction job reads a file as its options say', async () => {
    const lines = ['Mitglieder', 'age,city,joined', '60,Oslo,2025-03-01', '22,Zürich,2025-03-02', ''];
    writeFileSync(join(server.home, 'datasets', 'western.csv'), lines.join('\n'), 'latin1');
    const { job: refused } = await startPrediction(classes, 'western.csv');
    expect((await readFeed(OVER_WEBSOCKET, server.url, refused?.id ?? '')).at(-1)?.status).toBe('ERROR');
    const { job } = await startPrediction(classes, 'western.csv', { encoding: 'windows-1252', header: 2 });
    expect((await readFeed(OVER_WEBSOCKET, server.url, job?.id ?? '')).at(-1)?.status).toBe('COMPLETED');
    const [file] = await filesOf(job?.id ?? '');
    const csv = await (await fetch(`${server.url}${file?.url ?? ''}`)).text();
    expect(csv).toMatch(/^age,city,joined,prediction,.*\n60,Oslo,2025-03-01,yes,.*\n22,Zürich,2025-03-02,no,/);
    expect(await startPrediction(classes, 'western.csv', { encoding: 'morse' })).toMatchObject({
      __typename: 'InvalidInputError',
    });
    expect(await startPrediction(classes, 'western.csv', ['header'])).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.stringContaining('options must be an object') as string,
    });
  }, 120_000);

  test('rows of a request and the same rows in a dataset are predicted alike', async () => {
    const rows = Array.from({ length: 90 }, (_, row) => {
      const kind = ['red', 'green', '\ud800'][row % 3] ?? '';
      return {
        tags: [kind, 1],
        size: { width: (row % 7) + 0.5, parts: [row % 4, 0.25] },
        mixed: row % 2 === 0 ? row % 5 : String(row % 5),
        long: Array.from({ length: 1001 }, () => row % 2),
        y: 10.5 * (row % 3) + (row % 7),
      };
    });
    addDataset('nested.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const model = await train({ dataset: 'nested.jsonl', epochs: 3, options: { columns: { mixed: 'CATEGORY' } } });
    // A request has at most 25,000 values, and an array of this length has 1,001.
    const sent = rows.slice(0, 15);
    const { predictions, warnings } = await predict(model, sent);
    expect(warnings).toEqual([]);
    const { job } = await startPrediction(model, 'nested.jsonl');
    const id = job?.id ?? '';
    expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)?.status).toBe('COMPLETED');
    const [file] = await filesOf(id);
    const text = await (await fetch(server.url + (file?.url ?? ''))).text();
    const inFile = text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',').at(-1)));
    expect(inFile).toHaveLength(90);
    expect(predictions?.map(({ value }) => value)).toEqual(inFile.slice(0, 15));
  });

  test('a prediction job is refused without a model or dataset, and fails with the reason in its message', async () => {
    expect(await startPrediction('job_1_00000000', 'people.csv')).toMatchObject({ __typename: 'JobNotFoundError' });
    expect(await startPrediction(classes, 'missing.csv')).toMatchObject({ __typename: 'DatasetNotFoundError' });
    const { id: simulated } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });
    expect(await startPrediction(simulated, 'people.csv')).toMatchObject({ __typename: 'ModelUnavailableError' });
    const { job } = await startPrediction(classes, 'sample.csv');
    const id = job?.id ?? '';
    expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)?.status).toBe('ERROR');
    const { failure } = await readJob(server.url, id);
    expect(failure?.reason).toBe('INVALID_DATASET');
    expect(failure?.message).toMatch(/sample.csv: missing columns 'age', 'city'/);
    expect(await filesOf(id)).toEqual([]);
  });

  test('a prediction job is stopped without a file, and a resume predicts all rows', async () => {
    // Enough that it has not predicted all of them when the stop arrives, on a busy machine, too.
    const rows = 800_000;
    addDataset('long.csv', `x\n${'1.5\n'.repeat(rows)}`);
    const { job } = await startPrediction(numbers, 'long.csv');
    const id = job?.id ?? '';
    await readFeed(OVER_WEBSOCKET, server.url, id, { enough: ({ step }) => step > 0 });
    await send(server.url, 'mutation ($id: ID!) { stopTraining(input: { id: $id }) { __typename } }', { id });
    expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)?.status).toBe('STOPPED');
    expect(await filesOf(id)).toEqual([]);
    await send(server.url, 'mutation ($id: ID!) { resumeTraining(input: { id: $id }) { __typename } }', { id });
    expect((await readFeed(OVER_WEBSOCKET, server.url, id)).at(-1)).toMatchObject({ status: 'COMPLETED', step: rows });
    expect(await filesOf(id)).toHaveLength(1);
  });

  test('prediction jobs are not listed as a trainer', async () => {
    const { data } = await send<{ trainers: { name: string }[] }>(server.url, '{ trainers { name } }');
    expect(data?.trainers.map(({ name }) => name)).not.toContain('prediction');
  });
});
