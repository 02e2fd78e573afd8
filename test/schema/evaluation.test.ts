import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { post, queueJob, serve } from '../server/support.ts';
import { send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const record = (id: string) => ({
  ...{ version: 1, job_id: id, attempt: 1, at: 1_760_320_883.5, part: 'test', rows: 120, folds: null },
  ...{ epoch: 12, chosen_by: 'val_loss', score: 'accuracy', goal: null },
  metrics: { accuracy: 0.93, log_loss: 'NaN' },
  baseline: { name: 'most frequent class', metrics: { accuracy: 0.6 } },
  units: { log_loss: 'nats' },
  confusion: {
    labels: ['cat', 'do\u202eg'],
    counts: [
      [55, 5],
      [2, 58],
    ],
  },
  predictions: null,
  importance: [{ name: 'age', value: 0.3 }],
  notes: ['Few rows.'],
});

test('the evaluation of a model is shown, an invalid one is not, and it is deleted with the job', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const file = join(server.home, 'artifacts/evaluations', `${id}.json`);
  const read = async () => {
    const { data } = (await post(server, `{ job(id: "${id}") { evaluation } }`)).json();
    return (data?.['job'] as { readonly evaluation: unknown }).evaluation;
  };
  expect(await read()).toBeNull();
  writeFileSync(file, JSON.stringify(record(id)));
  expect(await read()).toEqual({
    ...{ attempt: 1, at: '2025-10-13T02:01:23.500Z', part: 'TEST', rows: 120, folds: null, epoch: 12 },
    ...{ chosenBy: 'val_loss', score: 'accuracy', baseline: 'most frequent class' },
    metrics: [
      { name: 'accuracy', value: 0.93, goal: 'MAX', unit: null, baseline: 0.6 },
      { name: 'log_loss', value: null, goal: 'MIN', unit: 'nats', baseline: null },
    ],
    confusion: { ...record(id).confusion, labels: ['cat', 'do<U+202E>g'] },
    predictions: null,
    importance: [{ name: 'age', value: 0.3 }],
    notes: ['Few rows.'],
  });

  for (const bad of [
    { job_id: 'job_1_00000000' },
    { part: 'holdout' },
    { metrics: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`m${index}`, 1])) },
    { confusion: { labels: ['a', 'b'], counts: [[1, 2]] } },
    { confusion: { labels: ['a', 'b'], counts: [[1, 2], [3]] } },
    { confusion: { labels: ['a'], counts: [[-1]] } },
    { predictions: { actual: [1, 2], predicted: [1] } },
    { predictions: { actual: Array(1001).fill(1), predicted: Array(1001).fill(1) } },
    { importance: Array(101).fill({ name: 'a', value: 1 }) },
    { notes: Array(21).fill('') },
    { rows: 1e300 },
    { notes: ['x'.repeat(2_000_000)] },
  ]) {
    writeFileSync(file, JSON.stringify({ ...record(id), ...bad }));
    expect(await read(), JSON.stringify(bad).slice(0, 80)).toBeNull();
  }
  writeFileSync(file, JSON.stringify(record(id)));
  await server.runner.stop(id);
  await server.runner.deleteJobs({ ids: [id] });
  expect(existsSync(file)).toBe(false);
});

const SCRIPT = `import argparse, json
from trainyard import Reporter
parser = argparse.ArgumentParser()
parser.add_argument("--score", default="null")
score = json.loads(parser.parse_args().score)
with Reporter.from_environment() as report:
    report.begin(total_steps=1)
    report.step(1, lr=0.1)
    if score:
        report.score(**score)
`;

const JOBS = `query ($filter: JobFilter, $orderBy: JobOrder) { jobs(first: 10, filter: $filter, orderBy: $orderBy) { edges { node {
  name finishedAt score { name value goal baseline hardlyBetter part rows epoch step unit }
} } } }`;

interface Listed {
  readonly name: string;
  readonly finishedAt: string | null;
  readonly score: object | null;
}

async function list(url: string, variables: object = {}): Promise<Listed[]> {
  const { data, errors } = await send<{ jobs: { edges: { node: Listed }[] } }>(url, JOBS, variables);
  expect(errors).toBeUndefined();
  return data?.jobs.edges.map(({ node }) => node) ?? [];
}

test('jobs are ordered and filtered by the score that is shown, also after a restart', async () => {
  const home = temporaryHome();
  const scores = {
    good: { name: 'accuracy', value: 0.9, baseline: 0.6, part: 'test', epoch: 3, rows: 50 },
    poor: { name: 'accuracy', value: 0.61, baseline: 0.6, part: 'validation', epoch: 1 },
    far: { name: 'rmse', value: 70, part: 'test', unit: 'EUR' },
    near: { name: 'rmse', value: 5, part: 'cross_validation', unit: 'EUR' },
    none: null,
  };
  {
    await using server = await startTestServer({ home, environment: { TRAINYARD_MAX_RUNNING: '2' } });
    mkdirSync(join(home, 'trainers'), { recursive: true });
    writeFileSync(join(home, 'trainers/scored.py'), SCRIPT);
    for (const [name, score] of Object.entries(scores)) {
      const input = { trainer: 'scored', name, options: score && { score: JSON.stringify(score) } };
      await until('the script is a trainer', () => startTraining(server.url, input).catch(() => null));
    }
    await until('all have ended', async () => (await list(server.url)).every(({ finishedAt }) => finishedAt !== null));
  }
  await using server = await startTestServer({ home });
  const jobs = await list(server.url);
  const scoreOf = (name: string) => jobs.find((job) => job.name === name)?.score;
  expect(scoreOf('good')).toEqual({
    ...{ name: 'accuracy', value: 0.9, goal: 'MAX', baseline: 0.6, hardlyBetter: false, part: 'TEST' },
    ...{ rows: 50, epoch: 3, step: null, unit: null },
  });
  expect(scoreOf('poor')).toMatchObject({ hardlyBetter: true, part: 'VALIDATION' });
  expect(scoreOf('near')).toMatchObject({ goal: 'MIN', unit: 'EUR', part: 'CROSS_VALIDATION', hardlyBetter: null });
  expect(scoreOf('none')).toBeNull();

  const names = async (variables: object) => (await list(server.url, variables)).map(({ name }) => name);
  const orderBy = { field: 'SCORE', direction: 'DESC' };
  expect(await names({ orderBy })).toEqual(['good', 'poor', 'near', 'far', 'none']);
  expect(await names({ orderBy: { ...orderBy, direction: 'ASC' } })).toEqual(['far', 'near', 'poor', 'good', 'none']);
  expect(await names({ orderBy, filter: { score: { part: ['TEST'] } } })).toEqual(['good', 'far']);
  expect(await names({ orderBy, filter: { score: { name: 'rmse', lt: 50 } } })).toEqual(['near']);
  expect(await names({ orderBy, filter: { score: { gte: 0.9, lte: 5 } } })).toEqual(['good', 'near']);
  expect(await names({ filter: { score: {} } })).toHaveLength(4);
});
