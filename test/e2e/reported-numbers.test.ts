import { expect, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, send } from '../support/api-client.ts';
import { serveScript } from '../support/serve-script.ts';

const NUMBERS = `query ($id: ID!, $fromStep: SafeInt, $toStep: SafeInt) {
  job(id: $id) {
    status
    progress { step loss metrics }
    best { name goal value step }
    metrics(fromStep: $fromStep, toStep: $toStep) {
      name goal stepsGoBack totalPoints latest { value nonFinite } best { value step } points { step at value nonFinite }
    }
    log(last: 50) { lines { text } }
  }
}`;

interface Point {
  readonly step: number;
  readonly at: string;
  readonly value: number | null;
  readonly nonFinite: string | null;
}

interface Numbers {
  readonly job: {
    readonly status: string;
    readonly progress: {
      readonly step: number;
      readonly loss: number | null;
      readonly metrics: Record<string, unknown>;
    };
    readonly best: readonly { readonly name: string; readonly goal: string; readonly value: number }[];
    readonly metrics: readonly {
      readonly name: string;
      readonly stepsGoBack: boolean;
      readonly points: readonly Point[];
    }[];
    readonly log: { readonly lines: readonly { readonly text: string }[] };
  };
}

/** Runs a script to its end as the trainer of a job, and returns how to query its numbers. */
async function completed(script: string) {
  const { url, id } = await serveScript(script);
  const messages = await readFeed(OVER_WEBSOCKET, url, id);
  expect(messages.at(-1)?.status).toBe('COMPLETED');
  return async (range: object = {}) => {
    const { data, errors } = await send<Numbers>(url, NUMBERS, { id, ...range });
    expect(errors).toBeUndefined();
    return data?.job ?? expect.fail('no data');
  };
}

test('NaN and both infinities are distinct in the history, the progress and the latest values', async () => {
  const read = await completed(`
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(total_steps=4)
    for step, loss in enumerate((0.5, float("nan"), float("inf"), float("-inf")), 1):
        report.step(step=step, loss=loss, down=-float("inf"), up=float("inf"), tiny=5e-324, huge=1.7e308)
`);
  const { progress, metrics, best } = await read();
  expect(progress).toEqual({
    step: 4,
    loss: null,
    metrics: { loss: '-Infinity', down: '-Infinity', up: 'Infinity', tiny: 5e-324, huge: 1.7e308 },
  });
  const [loss] = metrics;
  expect(loss?.points.map(({ value, nonFinite }) => [value, nonFinite])).toEqual([
    [0.5, null],
    [null, 'NAN'],
    [null, 'POSITIVE_INFINITY'],
    [null, 'NEGATIVE_INFINITY'],
  ]);
  expect(loss).toMatchObject({
    latest: { value: null, nonFinite: 'NEGATIVE_INFINITY' },
    best: { value: 0.5, step: 1 },
  });
  expect(best.map(({ name }) => name).sort()).toEqual(['huge', 'loss', 'tiny']);
});

test('the best value follows the last part of a name, and a definition of the trainer before that', async () => {
  const read = await completed(`
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.define_metric("distance", goal="max")
    report.define_metric("eval/*", goal="min")
    report.begin(total_steps=3)
    for step in (1, 2, 3):
        names = ["train/acc", "iou_loss", "val_map", "mape", "distance", "eval/accuracy", "rewards/chosen"]
        report.log({name: step for name in names}, step=step)
`);
  const { best, metrics } = await read();
  const expected = {
    'train/acc': 3,
    iou_loss: 1,
    val_map: 3,
    mape: 1,
    distance: 3,
    'eval/accuracy': 1,
    'rewards/chosen': 3,
  };
  expect(Object.fromEntries(best.map(({ name, value }) => [name, value]))).toEqual(expected);
  expect(best.find(({ name }) => name === 'distance')?.goal).toBe('MAX');
  const ofSeries = metrics as unknown as { name: string; goal: string; best: { value: number } }[];
  expect(Object.fromEntries(ofSeries.map((series) => [series.name, series.best.value]))).toEqual(expected);
  expect(ofSeries.find(({ name }) => name === 'eval/accuracy')?.goal).toBe('MIN');
});

test('steps that go back are kept in the order of time and explained in the log', async () => {
  const read = await completed(`
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(epochs=3)
    for epoch in (1, 2, 3):
        for batch in range(1, 9):
            report.step(step=batch, epoch=epoch, loss=1 / (epoch * 8 + batch), batch=batch)
        report.step(step=8, epoch=epoch, val_loss=1 / epoch)
`);
  const job = await read();
  const [loss, , validation] = job.metrics;
  const oneEpoch = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(loss?.points.map(({ step }) => step)).toEqual([...oneEpoch, ...oneEpoch, ...oneEpoch]);
  const times = loss?.points.map(({ at }) => at) ?? [];
  expect(times).toEqual([...times].sort());
  expect([loss?.stepsGoBack, validation?.stepsGoBack]).toEqual([true, false]);
  const [middle] = (await read({ fromStep: 8, toStep: 8 })).metrics;
  expect(middle?.points.map(({ value }) => value)).toEqual([1 / 16, 1 / 24, 1 / 32]);
  expect(validation?.points.map(({ step, value }) => [step, value])).toEqual([
    [8, 1],
    [8, 0.5],
    [8, 1 / 3],
  ]);
  expect(job.progress.step).toBe(8);
  const explanations = job.log.lines.filter(({ text }) => text.includes('the step went back from 8 to 1'));
  expect(explanations).toHaveLength(1);
});

test('of the ranks of a training only one reports, and the job has its numbers once', async () => {
  const read = await completed(`
import os
from trainyard import Reporter
held = Reporter.from_environment()
with held as report:
    report.begin(total_steps=10)
    for step in range(1, 6):
        report.step(step=step, loss=step, mine=step)
    child = os.fork()
    if child == 0:
        os.execvp(__import__("sys").executable, ["python", "-c", "from trainyard import Reporter\\nwith Reporter.from_environment() as report:\\n    report.step(step=9, loss=99, other=1)"])
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for step in range(6, 11):
        report.step(step=step, loss=step, mine=step)
`);
  const job = await read();
  expect(job.metrics.map(({ name }) => name)).toEqual(['loss', 'mine']);
  expect(job.metrics[0]?.points.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(job.log.lines.some(({ text }) => text.includes('does not report: another process of the job does'))).toBe(
    true,
  );
});
