import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { post, queueJob, serve } from '../server/support.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;
const METRICS = `query ($id: ID!, $from: SafeInt, $to: SafeInt) {
  job(id: $id) { metrics(fromStep: $from, toStep: $to) { totalPoints points { step value } } }
}`;

/** Creates a job that has reported its loss at each of these steps. */
async function jobAt(steps: readonly number[]) {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const file = join(server.home, 'artifacts', 'metrics', `${id}.jsonl`);
  writeFileSync(file, '');
  for (const step of steps) {
    appendFileSync(file, `${JSON.stringify({ attempt: 1, at: 1, step, epoch: 1, values: { loss: 1 } })}\n`);
  }
  const ask = async (variables: object) => (await post(server, METRICS, { variables: { id, ...variables } })).json();
  return { server, id, ask };
}

test('steps up to 2^53 - 1 are exact in answers and in range arguments', async () => {
  const { ask } = await jobAt([2 ** 31, LARGEST - 1, LARGEST]);
  const points = (...steps: number[]) => [
    { totalPoints: steps.length, points: steps.map((step) => ({ step, value: 1 })) },
  ];
  expect(await ask({})).toEqual({ data: { job: { metrics: points(2 ** 31, LARGEST - 1, LARGEST) } } });
  expect(await ask({ from: LARGEST })).toEqual({ data: { job: { metrics: points(LARGEST) } } });
  expect(await ask({ from: -LARGEST, to: LARGEST - 1 })).toEqual({
    data: { job: { metrics: points(2 ** 31, LARGEST - 1) } },
  });
});

test('a report with a step above 2^53 - 1 is ignored, and the reports around it are kept', async () => {
  const { ask } = await jobAt([1, LARGEST + 1, 1e300, 0.5, 2]);
  expect((await ask({})).data).toEqual({
    job: {
      metrics: [
        {
          totalPoints: 2,
          points: [
            { step: 1, value: 1 },
            { step: 2, value: 1 },
          ],
        },
      ],
    },
  });
});

test.each([LARGEST + 1, 1.5, '7', true, [1], {}])('%j is rejected as a SafeInt', async (from) => {
  const { ask } = await jobAt([1]);
  const { errors } = await ask({ from });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.message).toMatch(/A SafeInt must be a whole number from -\(2\^53 - 1\) to 2\^53 - 1, not /);
});

test('a SafeInt literal in the query is accepted', async () => {
  const { server, id } = await jobAt([1, LARGEST]);
  const query = (from: string) => `{ job(id: "${id}") { metrics(fromStep: ${from}) { totalPoints } } }`;
  expect((await post(server, query(`${LARGEST}`))).json().data).toEqual({ job: { metrics: [{ totalPoints: 1 }] } });
  expect((await post(server, query(`${LARGEST + 1}`))).json().errors?.[0]?.message).toContain('SafeInt');
  expect((await post(server, query('"1"'))).json().errors?.[0]?.message).toContain('SafeInt');
});
