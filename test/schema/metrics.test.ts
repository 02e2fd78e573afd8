import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codesOf, connect, overWebSocket, post, queueJob, serve, type TestServer } from '../server/support.ts';

/** Creates a job whose history file has this many reports. */
async function jobWith(server: TestServer, count: number, values = (step: number): object => ({ loss: step })) {
  const { id } = await queueJob(server.runner);
  const lines = Array.from({ length: count }, (_, index) => {
    const step = index + 1;
    return `${JSON.stringify({ attempt: 1, at: 1_760_000_000 + step, step, epoch: 1, values: values(step) })}\n`;
  });
  writeFileSync(join(server.home, 'artifacts', 'metrics', `${id}.jsonl`), lines.join(''));
  return id;
}

interface Series {
  readonly name: string;
  readonly points: readonly { readonly step: number; readonly value: number | null; readonly at: string }[];
}

const METRICS = `query ($id: ID!, $names: [String!], $fromStep: SafeInt, $toStep: SafeInt, $maxPoints: Int) {
  job(id: $id) {
    metrics(names: $names, fromStep: $fromStep, toStep: $toStep, maxPoints: $maxPoints) {
      name totalPoints sampled latest { step value at } best { step value } points { step value at }
    }
  }
}`;

async function seriesOf(server: TestServer, variables: object): Promise<readonly Series[]> {
  const { data, errors } = (await post(server, METRICS, { variables })).json();
  expect(errors).toBeUndefined();
  return (data as { job: { metrics: Series[] } }).job.metrics;
}

test('a history contains each series with its points, latest and best value', async () => {
  const server = await serve();
  const id = await jobWith(server, 3, (step) => ({ loss: step === 2 ? null : step, 'my metric µ': -step }));
  const at = (second: number) => new Date(1_760_000_000_000 + second * 1000).toISOString();
  expect(await seriesOf(server, { id })).toEqual([
    {
      name: 'loss',
      totalPoints: 3,
      sampled: false,
      latest: { step: 3, value: 3, at: at(3) },
      best: { step: 1, value: 1 },
      points: [
        { step: 1, value: 1, at: at(1) },
        { step: 2, value: null, at: at(2) },
        { step: 3, value: 3, at: at(3) },
      ],
    },
    expect.objectContaining({ name: 'my metric µ', best: { step: 3, value: -3 } }) as unknown,
  ]);
  expect(await seriesOf(server, { id, names: ['my metric µ'], fromStep: 2, toStep: 2 })).toMatchObject([
    { totalPoints: 1, points: [{ step: 2, value: -2 }] },
  ]);
});

test('many points of several series at once arrive complete and in order, on HTTP and WebSocket', async () => {
  const server = await serve();
  const id = await jobWith(server, 4000, (step) => ({ loss: step, acc: -step }));
  const steps = Array.from({ length: 4000 }, (_, index) => index + 1);
  const [answer] = await overWebSocket(connect(server), METRICS, { id });
  const overSocket = (answer?.data as unknown as { job: { metrics: Series[] } }).job.metrics;
  for (const { name, points } of [...(await seriesOf(server, { id })), ...overSocket]) {
    expect(points.map(({ step }) => step)).toEqual(steps);
    expect(points.map(({ value }) => value)).toEqual(name === 'loss' ? steps : steps.map((step) => -step));
  }
});

test('a history that is too long for one answer is an error that suggests downsampling or a range; both work, and so does the summary', async () => {
  const server = await serve();
  const id = await jobWith(server, 10_001);
  const refused = (await post(server, METRICS, { variables: { id } })).json();
  expect(codesOf(refused)).toEqual(['TOO_MANY_POINTS']);
  expect(refused.errors?.[0]?.message).toBe(
    'The series "loss" has 10001 points in this range. One answer holds at most 10000. Downsample (maxPoints), or narrow the range (fromStep, toStep).',
  );

  expect(await seriesOf(server, { id, maxPoints: 500 })).toMatchObject([{ sampled: true, totalPoints: 10_001 }]);
  expect((await seriesOf(server, { id, fromStep: 2 }))[0]?.points).toHaveLength(10_000);
  const summary = `{ job(id: "${id}") { metrics { totalPoints sampled latest { step } best { value } } } }`;
  expect((await post(server, summary)).json()).toEqual({
    data: { job: { metrics: [{ totalPoints: 10_001, sampled: false, latest: { step: 10_001 }, best: { value: 1 } }] } },
  });
});

test('the points of all fields of an answer count together, and each answer has its own count', async () => {
  const server = await serve();
  const id = await jobWith(server, 6000);
  const one = 'metrics { points { step } }';
  const both = (await post(server, `{ job(id: "${id}") { a: ${one} b: ${one} } }`)).json();
  expect(codesOf(both)).toEqual(['TOO_MANY_POINTS']);
  expect(both.errors?.[0]?.message).toContain('and this answer already has 6000');
  for (let round = 0; round < 3; round += 1) {
    expect((await post(server, `{ job(id: "${id}") { ${one} } }`)).json().errors).toBeUndefined();
  }

  const feed = overWebSocket(connect(server), `subscription { jobProgress(id: "${id}") { status job { ${one} } } }`);
  await server.runner.stop(id);
  const events = await feed;
  expect(events.at(-1)).toMatchObject({ data: { jobProgress: { status: 'STOPPED' } } });
  for (const { errors } of events) expect(errors).toBeUndefined();
});

test('hundreds of metrics of one job are all returned', async () => {
  const server = await serve();
  const names = Array.from({ length: 700 }, (_, layer) => `gradient_norm/layer ${layer}`);
  const id = await jobWith(server, 3, (step) => Object.fromEntries(names.map((name, layer) => [name, layer + step])));
  const series = await seriesOf(server, { id });
  expect(series.map(({ name }) => name)).toEqual(names);
  expect(series.at(-1)?.points.map(({ value }) => value)).toEqual([700, 701, 702]);
});

test('maxPoints is at least 1', async () => {
  const server = await serve();
  const id = await jobWith(server, 3);
  expect(codesOf((await post(server, METRICS, { variables: { id, maxPoints: 0 } })).json())).toEqual(['INVALID_INPUT']);
  expect((await seriesOf(server, { id, maxPoints: 1 }))[0]?.points).toMatchObject([{ step: 3 }]);
});
