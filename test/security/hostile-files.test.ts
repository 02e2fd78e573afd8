import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { execute, parse, subscribe } from 'graphql';
import { expect, test } from 'vitest';
import { identityOf, readBootId } from '../../src/runner/launchers/local/identity.ts';
import { createRunner, type Runner } from '../../src/runner/index.ts';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import { schema } from '../../src/schema/index.ts';
import { recordRunningJobs } from '../support/fleet-home.ts';
import { PYTHON, recordedLog } from '../support/runner.ts';
import { everyField } from './every-field.ts';
import { asItStands, filesOf, filesWith, type JobFiles } from './hostile-files.ts';

/** Number of sets of files. For a longer or a different search: `TRAINYARD_FUZZ_RUNS=2000 TRAINYARD_FUZZ_SEED=7`. */
const RUNS = Number(process.env['TRAINYARD_FUZZ_RUNS'] ?? 12);
const SEED = Number(process.env['TRAINYARD_FUZZ_SEED'] ?? 20_261_123);

const JOB = everyField('Job');
const ONE = parse(`query ($id: ID!) { job(id: $id) ${JOB} node(id: $id) { id } }`);
const RANGES = parse(`query ($id: ID!) {
  job(id: $id) { metrics(fromStep: 1, toStep: ${Number.MAX_SAFE_INTEGER}, maxPoints: 3) { name points { step value at } } best(names: ["loss"]) { value } log(last: 3) { lines { text at } } }
}`);
const LIST = parse(
  `{ jobs { totalCount changesCursor edges { cursor node ${JOB} } } jobCounts ${everyField('JobCounts')} }`,
);
const PAGE = parse(`query ($first: Int!, $after: String, $field: JobOrderField!, $direction: OrderDirection!) {
  jobs(first: $first, after: $after, orderBy: { field: $field, direction: $direction, metric: "loss" }) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`);
const FILTERED = parse(`{
  found: jobs(filter: { text: "job_", metrics: [{ name: "loss", of: LATEST, lt: 1000 }] }) { edges { node { id } } }
  best: jobs(filter: { metrics: [{ name: "__proto__", gte: 0 }] }) { edges { node { id } } }
}`);
const PROGRESS = parse(
  `subscription ($id: ID!) { jobProgress(id: $id) ${everyField('JobProgress').replace('job { id }', `job ${JOB}`)} }`,
);
const CHANGES = parse(`subscription { jobsChanged(after: "from the beginning") { cursor kind jobId gap job ${JOB} } }`);
const ORDERS = ['CREATED_AT', 'ENDED_AT', 'NAME', 'PROGRESS', 'METRIC'] as const;

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly unknown[];
}

/** The data of an answer without errors, as it travels. */
function dataOf(answer: unknown): Record<string, unknown> {
  const { data, errors } = JSON.parse(JSON.stringify(answer)) as Answer;
  expect(errors).toBeUndefined();
  return data ?? expect.fail('no data');
}

async function ask(
  runner: Runner,
  document: typeof ONE,
  variableValues: object = {},
): Promise<Record<string, unknown>> {
  const contextValue = { runner };
  return dataOf(await execute({ schema, document, contextValue, variableValues: { ...variableValues } }));
}

/** The first so many messages of a subscription. */
async function firstMessages(runner: Runner, document: typeof ONE, variableValues: object, count: number) {
  const contextValue = { runner };
  const feed = await subscribe({ schema, document, contextValue, variableValues: { ...variableValues } });
  if (!(Symbol.asyncIterator in feed)) throw new Error(JSON.stringify(feed));
  const messages: Record<string, unknown>[] = [];
  for await (const message of feed) {
    messages.push(dataOf(message));
    if (messages.length === count) break;
  }
  return messages;
}

async function pageOf(runner: Runner, variables: object) {
  const { jobs } = (await ask(runner, PAGE, variables)) as {
    jobs: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string | null } };
  };
  return { ids: jobs.edges.map(({ node }) => node.id), end: jobs.pageInfo.endCursor };
}

/** Checks that every query about jobs answers without an error, and that the answers about `good` are correct. */
async function checkEveryAnswer(runner: Runner, ids: readonly string[], good: string): Promise<void> {
  const all = [...ids].sort();
  for (const id of ids) {
    expect(await ask(runner, ONE, { id })).toMatchObject({ job: { id }, node: { id } });
    expect(await ask(runner, RANGES, { id })).toMatchObject({ job: {} });
    const [message] = await firstMessages(runner, PROGRESS, { id }, 1);
    expect(message).toMatchObject({ jobProgress: { jobId: id, job: { id } } });
  }
  expect(await ask(runner, ONE, { id: good })).toMatchObject({ job: GOOD });
  const total = ids.length;
  expect(await ask(runner, LIST)).toMatchObject({ jobs: { totalCount: total }, jobCounts: { total } });
  for (const field of ORDERS) {
    for (const direction of ['ASC', 'DESC']) {
      const order = { field, direction };
      const whole = await pageOf(runner, { ...order, first: total });
      expect([...whole.ids].sort()).toEqual(all);
      const first = await pageOf(runner, { ...order, first: 1 });
      const rest = await pageOf(runner, { ...order, first: total, after: first.end });
      expect([...first.ids, ...rest.ids]).toEqual(whole.ids);
    }
  }
  expect(await ask(runner, FILTERED)).toMatchObject({ best: { edges: [] } });
  const changes = await firstMessages(runner, CHANGES, {}, total);
  expect(changes.map(({ jobsChanged }) => (jobsChanged as { jobId: string }).jobId).sort()).toEqual(all);
}

const GOOD = {
  status: 'RUNNING',
  progress: { step: 7, epoch: 3, metrics: { loss: 0.25 } },
  metrics: [{ name: 'loss', totalPoints: 1 }],
};

function writeGood(home: string, id: string): void {
  const at = Date.now() / 1000;
  const status = {
    ...{ version: 1, job_id: id, attempt: 1, sequence: 9, status: 'RUNNING', progress: 70, step: 7, epoch: 3 },
    ...{ metrics: { loss: 0.25 }, created_at: at, updated_at: at, transitions: [] },
  };
  writeFileSync(join(home, 'artifacts/jobs', `${id}.json`), JSON.stringify(status));
  const line = { attempt: 1, at, step: 7, epoch: 3, values: { loss: 0.25 } };
  writeFileSync(join(home, 'artifacts/metrics', `${id}.jsonl`), `${JSON.stringify(line)}\n`);
}

function writeFiles(home: string, id: string, files: JobFiles): void {
  const put = (folder: string, ending: string, content: string) =>
    writeFileSync(join(home, 'artifacts', folder, id + ending), content.replaceAll(PLACEHOLDER, id));
  put('jobs', '.json', files.status);
  put('specs', '.json', files.spec);
  put('metrics', '.jsonl', files.metrics);
  put('logs', '.log', files.log);
  if (files.exit !== null) put('exits', '.json', files.exit);
}

/** The id is part of the files, and known only once the job is recorded: it is put in the place of this one. */
const PLACEHOLDER = 'job_1000000000000_00000000';

/** The jobs of a home with these files, and one job that is well: looked at by one server, and by the next. */
async function checkHome(jobs: readonly JobFiles[]): Promise<void> {
  const self = (await identityOf(process.pid, readBootId())) as ProcessIdentity;
  const home = mkdtempSync(join(tmpdir(), 'trainyard-'));
  try {
    const ids = recordRunningJobs(home, jobs.length + 1, self);
    const good = ids.at(-1) ?? '';
    for (const [index, files] of jobs.entries()) writeFiles(home, ids[index] ?? '', files);
    writeGood(home, good);
    // Twice: what was read must also be recorded in a way that the next server can read.
    for (let server = 1; server <= 2; server += 1) {
      await using runner = createRunner({ home, python: PYTHON, maxRunning: 0, maxQueued: 9, logger: recordedLog() });
      await runner.ready;
      await checkEveryAnswer(runner, ids, good);
    }
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

const LARGEST = Number.MAX_SAFE_INTEGER;
const FAILED = { status: 'ERROR', error: { reason: 'TRAINER_ERROR', message: 'x' } };

test.each<[string, Parameters<typeof filesWith>[1]]>([
  ['counts that no Int holds', { status: { step: LARGEST, total_steps: LARGEST, epoch: 2 ** 31, epochs: 2 ** 40 } }],
  ['a count that no number holds', { status: { step: asItStands('123456789012345678901234567890') } }],
  ['the last sequence number that a number holds, and an end', { status: { sequence: LARGEST }, exit: {} }],
  ['the last sequence number that readers take, and an end', { status: { sequence: 1e14 }, exit: {} }],
  ['a process id that no Int holds', { status: { process: { pid: 2 ** 40, start_time: '1', boot_id: 'x' } } }],
  ['an exit code that no Int holds', { status: FAILED, exit: { exit_code: 2 ** 40 } }],
  ['a peak of memory that is not a whole number', { status: FAILED, exit: { exit_code: 1, max_rss_bytes: 0.5 } }],
  ['a peak of memory that no number holds', { status: FAILED, exit: { exit_code: 1, max_rss_bytes: 1e300 } }],
  ['a time that no Date holds', { status: { updated_at: 1e300, transitions: [{ status: 'RUNNING', at: 1e300 }] } }],
  ['a time before the first', { status: { updated_at: -1 }, exit: { finished_at: -1e300 } }],
  [
    'an infinite metric',
    { status: { metrics: { loss: asItStands('1e400') } }, report: { values: { loss: asItStands('-1e400') } } },
  ],
  ['a checkpoint that is not a file name', { status: { checkpoint: 'models/\0.pt' } }],
  ['a checkpoint behind a file', { status: { checkpoint: 'datasets/sample.csv/x.pt' } }],
  ['a checkpoint with a name that is too long', { status: { checkpoint: `models/${'x'.repeat(1000)}` } }],
  ['halves of characters', { status: { message: '\ud800', device: 'a\udfff', metrics: { '\ud800': 1 } } }],
  [
    'names of what every object has',
    { status: { metrics: JSON.parse('{"__proto__": 1, "constructor": 2}') as object } },
  ],
  ['a report of which time and step are the last', { report: { at: 8.64e12, step: LARGEST } }],
  ['a report with a time that no Date holds', { report: { at: 8.7e12 } }],
  [
    'a metric with a name of a megabyte',
    { status: { metrics: { ['x'.repeat(1_000_000)]: 1 } }, report: { values: { ['x'.repeat(1_000_000)]: 1 } } },
  ],
  ['a line of the log with a time that no Date holds', { log: '+275760-09-13T00:00:00.001Z stdout F x' }],
  ['a million transitions', { status: { transitions: asItStands(`[${'{},'.repeat(300_000)}{}]`) } }],
])('with %s in the files of a job, every query answers', async (_, changes) => {
  await checkHome([filesWith(PLACEHOLDER, changes)]);
});

test('with any content in the files of jobs, every query answers, about them and about every other job', async () => {
  const jobs = fc.array(filesOf(PLACEHOLDER), { minLength: 1, maxLength: 12 });
  await fc.assert(fc.asyncProperty(jobs, checkHome), { numRuns: RUNS, seed: SEED });
}, 1_800_000);
