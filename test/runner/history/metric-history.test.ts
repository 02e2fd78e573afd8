import { appendFileSync, closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMetricHistory, type MetricHistory } from '../../../src/runner/history/metric-history.ts';
import type { MetricSeries } from '../../../src/runner/index.ts';
import { runCommand } from '../../support/command.ts';
import { temporaryHome } from '../../support/home.ts';

interface Line {
  readonly attempt?: number;
  readonly at?: number;
}

const report = (step: number, values: object, { attempt = 1, at = 1 + step }: Line = {}) =>
  `${JSON.stringify({ attempt, at, step, epoch: 1, values })}\n`;

/** The path of a history with these lines. */
function written(...lines: readonly string[]): string {
  const path = join(temporaryHome(), 'metrics');
  writeFileSync(path, lines.join(''));
  return path;
}

function openHistory(options?: { maxBytes?: number }): MetricHistory {
  const history = createMetricHistory(options);
  onTestFinished(() => history[Symbol.asyncDispose]());
  return history;
}

const stepsOf = (series: MetricSeries | undefined) => Array.from(series?.points?.steps ?? []);
const pointsOf = (series: MetricSeries | undefined) =>
  [...(series?.points ?? [])].map(({ step, value }) => [step, value]);

test('returns one series for each name, with the newest and the best point', async () => {
  const path = written(
    report(1, { loss: 3, val_r2: 0.1 }),
    report(2, { loss: 1 }),
    report(3, { loss: 2, val_r2: 0.9 }),
    report(4, { val_r2: 0.5 }),
  );
  const series = await openHistory().read(path, {});
  expect(series.map(({ name, totalPoints }) => [name, totalPoints])).toEqual([
    ['loss', 3],
    ['val_r2', 3],
  ]);
  expect(series[0]).toMatchObject({ best: { step: 2, value: 1, at: 3000 }, latest: { step: 3 }, sampled: false });
  expect(series[1]).toMatchObject({ best: { step: 3, value: 0.9 }, latest: { step: 4, value: 0.5 } });
});

test('a job without a history has no series', async () => {
  expect(await openHistory().read(join(temporaryHome(), 'none'), {})).toEqual([]);
});

test('a metric may have any name', async () => {
  const names = ['loss', 'Verlust µ/☃', 'a "quoted" \\ name', '__proto__', 'toString', '', 'x'.repeat(128)];
  const values = Object.fromEntries(names.map((name, index) => [name, index]));
  Object.defineProperty(values, '__proto__', { value: 3, enumerable: true });
  const series = await openHistory().read(written(report(1, values), report(2, values)), {});
  expect(Object.fromEntries(series.map((one) => [one.name, pointsOf(one).length]))).toEqual(
    Object.fromEntries(names.map((name) => [name, 2])),
  );
});

test('numbers are read exactly, in every JSON notation', async () => {
  const texts = [
    ...[
      '0',
      '-0',
      '7',
      '-7.25',
      '1e5',
      '1E+5',
      '1.5e-7',
      '0.1',
      '0.30000000000000004',
      '123456789012345678901234567890',
    ],
    ...[
      '9007199254740993',
      '5e-324',
      '1.7976931348623157e308',
      '2.2250738585072014e-308',
      '0.000000000000000000000001',
    ],
    ...Array.from({ length: 20_000 }, () => String((Math.random() - 0.5) * 10 ** Math.round(Math.random() * 60 - 30))),
  ];
  const lines = texts.map(
    (text, step) => `{"attempt":1,"at":1.5,"step":${step},"epoch":null,"values":{"x":${text}}}\n`,
  );
  const [x] = await openHistory().read(written(...lines), {});
  expect(Array.from(x?.points?.values ?? [])).toEqual(texts.map(Number));
});

test.each(['loss', 'accuracy'])('NaN and both infinities stay distinct and are never the best: %s', async (name) => {
  const texts = [0.5, 'NaN', 'Infinity', '-Infinity', 0.7, null, 0.7, 'Infinity'];
  const lines = texts.map((value, index) => report(index + 1, { [name]: value }));
  // The same in a form that the reporter does not write.
  const spaced = lines.map((line) => `${JSON.stringify(JSON.parse(line), null, 1).replaceAll('\n', ' ')}\n`);
  for (const path of [written(...lines), written(...spaced)]) {
    const [series] = await openHistory().read(path, {});
    expect(Array.from(series?.points?.values ?? [])).toEqual([0.5, NaN, Infinity, -Infinity, 0.7, NaN, 0.7, Infinity]);
    expect([...(series?.points ?? [])].map(({ value, nonFinite }) => nonFinite ?? value)).toEqual([
      ...[0.5, 'NAN', 'POSITIVE_INFINITY', 'NEGATIVE_INFINITY', 0.7, 'NAN', 0.7, 'POSITIVE_INFINITY'],
    ]);
    expect(series).toMatchObject({ best: { step: name === 'loss' ? 1 : 5 }, latest: { value: null } });
  }
});

test('a line with another text for a value keeps its other values', async () => {
  const path = written(
    report(1, { loss: 'nan', other: 1 }),
    report(2, { loss: '9', other: 2 }),
    report(3, { loss: 3 }),
  );
  const series = await openHistory().read(path, {});
  expect(series.map((one) => [one.name, stepsOf(one)])).toEqual([
    ['loss', [3]],
    ['other', [1, 2]],
  ]);
});

test('a goal overrides the name', async () => {
  const path = written(report(1, { loss: 1, 'eval/x': 1 }), report(2, { loss: 2, 'eval/x': 2 }));
  const series = await openHistory().read(path, { goals: { loss: 'MAX', 'eval/*': 'MAX' } });
  expect(series.map(({ name, goal, best }) => [name, goal, best?.step])).toEqual([
    ['loss', 'MAX', 2],
    ['eval/x', 'MAX', 2],
  ]);
});

describe('steps that go back within an attempt', () => {
  const epoch = (number: number, attempt = 1) =>
    [1, 2, 3].map((step) => report(step, { loss: number * 10 + step }, { attempt, at: number * 10 + step }));

  test('are kept in the order of their reports', async () => {
    const path = written(...epoch(1), ...epoch(2), report(3, { val_loss: 7 }, { at: 24 }));
    const [loss, validation] = await openHistory().read(path, {});
    expect(pointsOf(loss)).toEqual([11, 12, 13, 21, 22, 23].map((value) => [value % 10, value]));
    expect(loss).toMatchObject({ stepsGoBack: true, latest: { step: 3, value: 23 }, best: { step: 1, at: 11_000 } });
    expect(validation?.stepsGoBack).toBe(false);
  });

  test('are selected by range, downsampled and counted like others', async () => {
    const history = openHistory();
    const path = written(...epoch(1), ...epoch(2), ...epoch(3));
    const [middle] = await history.read(path, { fromStep: 2, toStep: 2 });
    expect(pointsOf(middle)).toEqual([12, 22, 32].map((value) => [2, value]));
    expect(middle).toMatchObject({ totalPoints: 3, stepsGoBack: true });
    const [few] = await history.read(path, { maxPoints: 4 });
    expect(Array.from(few?.points?.values ?? [])).toEqual([11, 33]);
    expect(few).toMatchObject({ totalPoints: 9, sampled: true });
    expect(await history.read(path, { fromStep: 4 })).toEqual([]);
  });

  test('do not let a later attempt replace anything, because steps do not say what it repeats', async () => {
    const path = written(...epoch(1), ...epoch(2), ...epoch(3, 2));
    const [loss] = await openHistory().read(path, {});
    expect(Array.from(loss?.points?.values ?? [])).toEqual([11, 12, 13, 21, 22, 23, 31, 32, 33]);
  });
});

test('null, which older versions wrote for NaN and infinity, stays in the series and is never the best', async () => {
  const [loss] = await openHistory().read(
    written(report(1, { loss: null }), report(2, { loss: 5 }), report(3, { loss: 4 }), report(4, { loss: null })),
    {},
  );
  expect(pointsOf(loss)).toEqual([
    [1, null],
    [2, 5],
    [3, 4],
    [4, null],
  ]);
  expect(loss).toMatchObject({ best: { step: 3 }, latest: { step: 4, value: null } });
  const [nothing] = await openHistory().read(written(report(1, { loss: null })), {});
  expect(nothing?.best).toBeNull();
});

test.each([
  ['incomplete', '{"attempt":1,"at":2,"step":2,"epo'],
  ['not JSON', 'not json'],
  ['binary', '\0\0\xff\xfe'],
  ['null', 'null'],
  ['without values', '{"attempt":1,"at":2,"step":2,"epoch":1}'],
  ['with a value without a name', '{"attempt":1,"at":2,"step":2,"epoch":1,"values":{"loss":}}'],
  ['with an invalid number', '{"attempt":1,"at":2,"step":2,"epoch":1,"values":{"loss":01}}'],
  ['with trailing text', '{"attempt":1,"at":2,"step":2,"epoch":1,"values":{"loss":9}} x'],
  ['with an invalid step', '{"attempt":1,"at":2,"step":2.5,"epoch":1,"values":{"loss":9}}'],
  ['with an invalid time', '{"attempt":1,"at":1e300,"step":2,"epoch":1,"values":{"loss":9}}'],
  ['with text for a value', '{"attempt":1,"at":2,"step":2,"epoch":1,"values":{"loss":"9"}}'],
  ['endless', 'x'.repeat(3_000_000)],
])('a line that is %s is ignored', async (_what, line) => {
  const path = written(report(1, { loss: 3 }), `${line}\n`, report(3, { loss: 1 }));
  const [loss] = await openHistory().read(path, {});
  expect(pointsOf(loss)).toEqual([
    [1, 3],
    [3, 1],
  ]);
});

test('a line in another form of JSON than the reporter writes is read', async () => {
  const path = written(
    '{"step": 1, "at": 2.0, "values": {"loss": 3}}\n',
    '{"attempt":1,"at":3,"step":2,"epoch":1,"values":{"loss":2,"loss":1}}\n',
    report(3, { val_loss: 1, loss: 0 }),
  );
  const series = await openHistory().read(path, {});
  expect(series.map(({ name }) => name)).toEqual(['loss', 'val_loss']);
  expect(pointsOf(series[0])).toEqual([
    [1, 3],
    [2, 1],
    [3, 0],
  ]);
});

test('fromStep and toStep are inclusive', async () => {
  const path = written(...[1, 2, 3, 4].map((step) => report(step, { loss: step })));
  const history = openHistory();
  const steps = async (query: object) => stepsOf((await history.read(path, query))[0]);
  expect(await steps({ fromStep: 2, toStep: 3 })).toEqual([2, 3]);
  expect(await steps({ fromStep: 4 })).toEqual([4]);
  expect(await steps({ toStep: 1 })).toEqual([1]);
  expect(await history.read(path, { fromStep: 3, toStep: 2 })).toEqual([]);
});

describe('downsampling', () => {
  const COUNT = 10_000;
  const SPIKES = [0, 1, 5678, 9998];

  test('happens only on request, keeps first, last, lowest and highest points, and sets sampled', async () => {
    const path = written(
      ...Array.from({ length: COUNT }, (_, step) =>
        report(step, { loss: SPIKES.includes(step) ? 99 + step : step % 7 }),
      ),
    );
    const history = openHistory();
    const [all] = await history.read(path, { names: ['loss'] });
    expect(all).toMatchObject({ sampled: false, totalPoints: COUNT });
    expect(all?.points).toHaveLength(COUNT);
    for (const maxPoints of [100, 101, 997]) {
      const [downsampled] = await history.read(path, { names: ['loss', 'nothing'], maxPoints });
      expect(downsampled).toMatchObject({ sampled: true, totalPoints: COUNT, best: { value: 0 } });
      const steps = stepsOf(downsampled);
      expect(steps.length).toBeGreaterThan(maxPoints * 0.9);
      expect(steps.length).toBeLessThanOrEqual(maxPoints);
      expect(steps).toEqual(expect.arrayContaining([0, 5678, 9998, 9999]));
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    }
  });

  test.each([1, 2, 3, 4, 5])('to %i points gives at most that many', async (maxPoints) => {
    const path = written(...Array.from({ length: 50 }, (_, step) => report(step, { loss: step })));
    const [loss] = await openHistory().read(path, { maxPoints });
    expect(stepsOf(loss).at(-1)).toBe(49);
    expect(stepsOf(loss).length).toBeLessThanOrEqual(maxPoints);
  });

  test('does not change a series that is short enough', async () => {
    const [loss] = await openHistory().read(written(report(1, { loss: 1 }), report(2, { loss: 2 })), { maxPoints: 2 });
    expect(loss).toMatchObject({ sampled: false, totalPoints: 2 });
    expect(stepsOf(loss)).toEqual([1, 2]);
  });

  test('keeps a NaN like a spike', async () => {
    const path = written(...Array.from({ length: 1000 }, (_, step) => report(step, { loss: step === 500 ? null : 1 })));
    const [loss] = await openHistory().read(path, { maxPoints: 10 });
    expect(pointsOf(loss)).toContainEqual([500, null]);
  });
});

test('a series with more points than the limit has no points, but their number', async () => {
  const path = written(...[1, 2, 3, 4].map((step) => report(step, step > 2 ? { loss: step, acc: 1 } : { loss: step })));
  const history = openHistory();
  const [loss, acc] = await history.read(path, { limit: 3 });
  expect(loss).toMatchObject({ points: null, totalPoints: 4, latest: { step: 4 }, best: { step: 1 } });
  expect(stepsOf(acc)).toEqual([3, 4]);
  expect(stepsOf((await history.read(path, { limit: 3, maxPoints: 2 }))[0])).toEqual([1, 4]);
});

describe('a later attempt', () => {
  const of = (attempt: number, step: number, values: object = { loss: attempt }) => report(step, values, { attempt });

  test('replaces the steps that it repeats', async () => {
    const path = written(of(1, 1), of(1, 2), of(1, 3), of(2, 2), of(2, 3), of(2, 4), of(3, 5));
    const [loss] = await openHistory().read(path, {});
    expect(pointsOf(loss)).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 3],
    ]);
  });

  test('that starts over replaces every point of the one before, of names that it does not report too', async () => {
    const path = written(of(1, 1, { loss: 1, old: 1 }), of(1, 2), of(2, 1));
    const series = await openHistory().read(path, {});
    expect(series.map(({ name }) => name)).toEqual(['loss']);
    expect(pointsOf(series[0])).toEqual([[1, 2]]);
  });

  test('ignores a late line of the one before', async () => {
    const [loss] = await openHistory().read(written(of(1, 1), of(2, 2), of(1, 3), of(2, 3)), {});
    expect(pointsOf(loss)).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
    ]);
  });

  test('also counts if it starts between two reads', async () => {
    const path = written(of(1, 1), of(1, 2), of(1, 3));
    const history = openHistory();
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([1, 2, 3]);
    appendFileSync(path, of(2, 2));
    expect(pointsOf((await history.read(path, {}))[0])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});

describe('between two reads', () => {
  test('an incomplete last line is left out until it is complete', async () => {
    const path = written(report(1, { loss: 3 }));
    const line = report(2, { loss: 2 });
    const history = openHistory();
    for (const piece of [line.slice(0, 20), line.slice(20, -1)]) {
      appendFileSync(path, piece);
      expect(stepsOf((await history.read(path, {}))[0])).toEqual([1]);
    }
    appendFileSync(path, '\n');
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([1, 2]);
  });

  test('a line that is too long is ignored, also if it is written in pieces', async () => {
    const path = written(report(1, { loss: 3 }), 'x'.repeat(1_500_000));
    const history = openHistory();
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([1]);
    appendFileSync(path, `${report(2, { loss: 2 })}${report(3, { loss: 1 })}`);
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([1, 3]);
  });

  test('only what was added is read', async () => {
    const path = written(...[1, 2, 3, 4, 5].map((step) => report(step, { loss: step })));
    const history = openHistory();
    await history.read(path, {});
    // Overwriting the first line shows whether it is read a second time.
    const file = openSync(path, 'r+');
    writeSync(file, report(1, { loss: 9 }), 0);
    closeSync(file);
    appendFileSync(path, report(6, { loss: 6 }));
    expect(pointsOf((await history.read(path, {}))[0]).map(([, value]) => value)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a deleted history is empty, and its replacement is read from the start', async () => {
    const path = written(report(1, { loss: 1 }), report(2, { loss: 2 }));
    const history = openHistory();
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([1, 2]);
    rmSync(path);
    expect(await history.read(path, {})).toEqual([]);
    writeFileSync(path, report(7, { loss: 1 }));
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([7]);
  });

  test.each([
    ['truncated', report(7, { loss: 1 })],
    ['overwritten with as many bytes', report(8, { loss: 1 }) + report(9, { loss: 2 })],
    ['overwritten with more bytes', [7, 8, 9].map((step) => report(step, { loss: 1 })).join('')],
  ])('a history that is %s, in place or by another file, is read from the start', async (_how, text) => {
    const steps = [...text.matchAll(/"step":(\d)/g)].map(([, step]) => Number(step));
    const path = written(report(1, { loss: 1 }), report(2, { loss: 2 }));
    const history = openHistory();
    await history.read(path, {});
    writeFileSync(path, text);
    expect(stepsOf((await history.read(path, {}))[0])).toEqual(steps);

    writeFileSync(`${path}.new`, report(4, { loss: 1 }) + report(5, { loss: 2 }));
    renameSync(`${path}.new`, path);
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([4, 5]);
  });

  test('histories that were dropped from memory are read again', async () => {
    const paths = Array.from({ length: 20 }, (_, job) => written(report(job, { loss: job }), report(30, { loss: 0 })));
    const history = openHistory({ maxBytes: 10_000 });
    for (let round = 0; round < 2; round += 1) {
      const all = await Promise.all(paths.map((path) => history.read(path, {})));
      expect(all.map(([loss]) => stepsOf(loss))).toEqual(paths.map((_, job) => [job, 30]));
      for (const path of paths) appendFileSync(path, 'no report\n');
    }
  });
});

test('concurrent reads each get their own answer', async () => {
  const path = written(...Array.from({ length: 5000 }, (_, step) => report(step, { loss: step })));
  const history = openHistory();
  const answers = await Promise.all(
    [10, 20, 30].map(async (step) => stepsOf((await history.read(path, { fromStep: step, toStep: step }))[0])),
  );
  expect(answers).toEqual([[10], [20], [30]]);
});

describe('the worker thread', () => {
  test('fails pending reads when it dies, and the next read starts another', async () => {
    const path = written(report(1, { loss: 1 }));
    const long = written(Array.from({ length: 200_000 }, (_, step) => report(step, { loss: step })).join(''));
    const history = openHistory();
    const started: Worker[] = [];
    const note = (worker: Worker) => started.push(worker);
    process.on('worker', note);
    onTestFinished(() => void process.off('worker', note));
    await history.read(path, {});
    const reads = Promise.allSettled([history.read(long, {}), history.read(long, {})]);
    await started[0]?.terminate();
    for (const read of await reads)
      expect(read).toMatchObject({
        status: 'rejected',
        reason: { message: 'The thread that reads metrics has ended.' },
      });
    expect(stepsOf((await history.read(path, {}))[0])).toEqual([1]);
    expect(started).toHaveLength(2);
  });

  test('passes on a system error, and continues', async () => {
    const history = openHistory();
    await expect(history.read(temporaryHome(), {})).rejects.toThrow('EISDIR');
    expect(stepsOf((await history.read(written(report(1, { loss: 1 })), {}))[0])).toEqual([1]);
  });

  test('does not keep the process alive', async () => {
    const module = new URL('../../../src/runner/history/metric-history.ts', import.meta.url);
    const path = written(report(1, { loss: 1 }));
    const script = `${path}.mjs`;
    writeFileSync(
      script,
      `import { createMetricHistory } from '${module.href}';
      const [loss] = await createMetricHistory().read(process.argv[2], {});
      console.log(loss.name);`,
    );
    const command = runCommand(process.execPath, [script, path]);
    expect(await command.ended).toBe(0);
    expect(command.output()).toContain('loss');
  });

  test('ends with the history, which can be closed twice and then rejects reads', async () => {
    const history = createMetricHistory();
    let worker: Worker | undefined;
    process.once('worker', (started: Worker) => (worker = started));
    await history.read(written(report(1, { loss: 1 })), {});
    const ended = new Promise((resolve) => worker?.once('exit', resolve));
    await Promise.all([history[Symbol.asyncDispose](), history[Symbol.asyncDispose]()]);
    await ended;
    await expect(history.read('nothing', {})).rejects.toThrow('closed');
  });
});
