import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { JobTableRowFragment } from '../../src/cli/graphql/graphql.ts';
import { jobTable } from '../../src/cli/job-table/job-table.ts';
import { formatBytes, formatDuration, formatMetric } from '../../src/cli/terminal/format.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { formatScore } from '../../src/cli/terminal/score.ts';
import { createScreen } from '../../src/cli/terminal/screen.ts';
import { wrapLastColumn } from '../../src/cli/terminal/table.ts';
import { textWidth } from '../../src/cli/terminal/text-width.ts';
import { createTrainingView, describeProgress, type ProgressMessage } from '../../src/cli/training-view.ts';
import { ESCAPE } from './command-support.ts';

const RUNNING: ProgressMessage = {
  status: 'RUNNING',
  percent: 41.66,
  epoch: 5,
  epochs: 12,
  step: 500,
  totalSteps: 1200,
  loss: 0.12,
  metrics: { loss: 0.12, val_loss: 0.2 },
  message: null,
  samplesPerSecond: 5321.4,
  etaSeconds: 12.6,
};

const FINISHED: JobTableRowFragment = {
  id: 'job_1795561056985_bb2864b7',
  name: 'two\nlines',
  status: 'COMPLETED',
  health: 'OK',
  tags: [],
  startedBy: null,
  trainer: 'tabular',
  simulation: false,
  dataset: 'sample.csv',
  createdAt: '2026-11-25T00:00:00.000Z',
  startedAt: '2026-11-25T00:00:00.000Z',
  earlierSeconds: 0,
  finishedAt: '2026-11-25T00:01:14.000Z',
  queuePosition: null,
  score: {
    ...{ name: 'accuracy', value: 0.93, baseline: 0.6, hardlyBetter: false, part: 'TEST', rows: 120, epoch: 3 },
    ...{ step: null, unit: null },
  },
  progress: { percent: 100, epoch: 5, epochs: 1200, loss: 0.12, metrics: {}, etaSeconds: null },
};

/** A stream that is a terminal with `columns` (not a terminal when null), and the text written to it. */
function openStream(columns: number | null) {
  const stream = Object.assign(new PassThrough(), {
    isTTY: columns !== null,
    columns,
  }) as unknown as NodeJS.WriteStream;
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { stream, text: () => text };
}

test('without a terminal it prints plain lines: no control sequences, no live lines', () => {
  const { stream, text } = openStream(null);
  using screen = createScreen(stream, {});
  screen.live('10%');
  screen.print(screen.style('green', 'done'));
  screen.clear();
  expect(text()).toBe('done\n');
});

test('on a terminal the live line stays below printed lines, is cut to the width, and dispose shows the cursor again', () => {
  const { stream, text } = openStream(20);
  {
    using screen = createScreen(stream, { TERM: 'xterm' });
    screen.live('x'.repeat(50));
    screen.print('a line');
  }
  expect(text()).toContain('\u001b[?25l');
  expect(text().endsWith('\u001b[?25h')).toBe(true);
  const lines = stripVTControlCharacters(text()).split(/[\r\n]+/);
  expect(lines).toEqual(['', 'x'.repeat(19), 'a line', 'x'.repeat(19), '']);
});

test('a terminal gets no control characters of printed text except colours; a pipe gets the text unchanged', () => {
  const evil = '\u001b[31mred\u001b[0m \u001b[2J\u001b]52;c;aGk=\u0007\u009b2K\rend';
  const terminal = openStream(80);
  using screen = createScreen(terminal.stream, { TERM: 'xterm' });
  screen.print(evil);
  expect(terminal.text()).toBe('\u001b[31mred\u001b[0m [2J]52;c;aGk=2Kend\n');
  const pipe = openStream(null);
  using plain = createScreen(pipe.stream, {});
  plain.print(evil);
  expect(pipe.text()).toBe(`${evil}\n`);
});

test('a job table shows name and score first at any width, and drops other columns before its rows would wrap', () => {
  const job = FINISHED;
  const unnamed: JobTableRowFragment = { ...job, id: 'job_1795561056986_0fb2864b', name: null, score: null };
  const tableOn = (columns: number | null) => {
    using screen = createScreen(openStream(columns).stream, { TERM: 'xterm' });
    return jobTable([job, unnamed], screen).map(stripVTControlCharacters);
  };
  expect(tableOn(null)[0]).toMatch(
    /^NAME +SCORE +METRIC +BASELINE +FROM +STATUS +PROGRESS +EPOCH +TIME +JOB +DATASET$/,
  );
  expect(tableOn(null)[1]).toMatch(
    /^two lines +0\.9300 +Accuracy, test +0\.6000 +epoch 3 +COMPLETED .* 5\/1,200 .* job_1795561056985_bb2864b7 +sample\.csv$/,
  );
  expect(tableOn(200)).toEqual(tableOn(null));
  // How good, compared with what, on which data, from which epoch, also where other columns are left out.
  expect(tableOn(80)[1]).toBe('two lines  0.9300  Accuracy, test    0.6000  epoch 3  COMPLETED  bb2864b7');
  for (const columns of [50, 60, 80, 100]) {
    const [header = '', ...rows] = tableOn(columns);
    expect(header).toMatch(/^NAME +SCORE .*STATUS/);
    expect(rows[0]).toMatch(/^two lines +0\.9300 .*COMPLETED .*bb2864b7/);
    // A job without a name is identified by its id, and one without a score has its loss.
    expect(rows[1]).toMatch(/^- +0\.1200 .*COMPLETED .*0fb2864b/);
    expect(Math.max(...[header, ...rows].map(({ length }) => length))).toBeLessThan(columns);
  }
  expect(tableOn(30)).toEqual(['two lines  0.9300', '  COMPLETED bb2864b7', '-  0.1200 loss', '  COMPLETED 0fb2864b']);
});

test('a job table stays aligned with names in wide characters, and its rows do not wrap', () => {
  const named = (name: string): JobTableRowFragment => ({ ...FINISHED, name });
  for (const columns of [30, 50, 80, 120]) {
    using screen = createScreen(openStream(columns).stream, { TERM: 'xterm' });
    const lines = jobTable([named('城市分类模型测试一个很长的名字'), named('plain'), named('🚀 fast')], screen);
    expect(Math.max(...lines.map(textWidth))).toBeLessThan(columns);
    const beforeStatus = lines.flatMap((line) => /^(.*)COMPLETED/.exec(stripVTControlCharacters(line))?.[1] ?? []);
    expect(new Set(beforeStatus.map(textWidth)).size).toBe(1);
  }
});

test('on a terminal the last column of a table is broken between words, and a narrow one shows it below each row', () => {
  const rows = [
    ['NAME', 'WAITS BECAUSE'],
    ['wide', 'It starts after job_1795561056985_bb2864b7 has completed.'],
  ];
  const on = (columns: number | null) => {
    using screen = createScreen(openStream(columns).stream, { TERM: 'xterm' });
    return wrapLastColumn(rows, screen);
  };
  expect(on(null)).toEqual(['NAME  WAITS BECAUSE', 'wide  It starts after job_1795561056985_bb2864b7 has completed.']);
  expect(on(50)).toEqual([
    'NAME  WAITS BECAUSE',
    'wide  It starts after job_1795561056985_bb2864b7',
    '      has completed.',
  ]);
  const narrow = on(30);
  expect(narrow.slice(0, 4)).toEqual(['NAME', '    WAITS BECAUSE', 'wide', '    It starts after']);
});

test('on a terminal a training is redrawn: it prints its statuses and its end, and no line for each epoch', () => {
  const { stream, text } = openStream(50);
  using screen = createScreen(stream, { TERM: 'xterm' });
  {
    using view = createTrainingView(screen);
    for (let epoch = 1; epoch <= 40; epoch++) {
      const line = `Epoch ${epoch}/40: loss 0.1434, val_loss 0.1555, val_r2 0.9623`;
      view.showLine(line);
      view.show({ ...RUNNING, percent: epoch, epoch, epochs: 40, message: line });
    }
    // All parts of the progress are there, and none is split.
    const last = text().slice(text().lastIndexOf('\u001b[J'));
    for (const part of ['13 s left', 'epoch 40/40', 'loss 0.1200', 'val_loss 0.2000', '5,321 samples/s']) {
      expect(last).toContain(part);
    }
    view.show({ ...RUNNING, status: 'COMPLETED', percent: 100, message: 'Validation R² 0.99.' });
  }
  const screens = readScreen(text());
  expect(screens).toEqual([
    'RUNNING',
    '  Validation R² 0.99.',
    'COMPLETED',
    '  100.0%  epoch 5/12  loss 0.1200',
    '  val_loss 0.2000',
    '',
  ]);
});

/** A control sequence, a line end, or text. */
const TERMINAL_OUTPUT = new RegExp(`${ESCAPE}\\[[?\\d;]*[A-Za-z]|\\n|\\r|[^${ESCAPE}\\n\\r]+`, 'g');

/** The lines that a terminal shows after this output: it obeys line feeds, carriage returns, cursor-up and erase-below. */
function readScreen(output: string): string[] {
  const lines = [''];
  let row = 0;
  for (const [part = ''] of output.matchAll(TERMINAL_OUTPUT)) {
    if (part === '\n') lines[++row] ??= '';
    else if (part === '\u001b[J') lines.splice(row, Infinity, '');
    else if (part.endsWith('A')) row -= Number(/\d+/.exec(part)?.[0]);
    else if (part !== '\r' && !part.startsWith('\u001b')) lines[row] = `${lines[row] ?? ''}${part}`;
  }
  return lines;
}

test('a last message that the training has also printed appears once', () => {
  const { stream, text } = openStream(null);
  using screen = createScreen(stream, {});
  using view = createTrainingView(screen);
  view.showLine('Validation R² 0.99.');
  view.show({ ...RUNNING, status: 'COMPLETED', percent: 100, message: 'Validation R² 0.99.' });
  expect(text().match(/Validation/g)).toHaveLength(1);
});

test('without a terminal a training shows its status changes and a line at every 10%', () => {
  const { stream, text } = openStream(null);
  using screen = createScreen(stream, {});
  {
    using view = createTrainingView(screen);
    view.show({ ...RUNNING, status: 'LOADING', percent: 0, loss: null, metrics: {} });
    view.show({ ...RUNNING, percent: 1, message: 'Training on cpu' });
    for (const percent of [9, 10.5, 12, 31, 39]) view.show({ ...RUNNING, percent, message: 'Training on cpu' });
    view.show({ ...RUNNING, status: 'COMPLETED', percent: 100, etaSeconds: 0 });
  }
  expect(text().split('\n')).toEqual([
    'LOADING',
    'RUNNING',
    '  Training on cpu',
    '  10.5%  13 s left  epoch 5/12  loss 0.1200  val_loss 0.2000  5,321 samples/s',
    '  31.0%  13 s left  epoch 5/12  loss 0.1200  val_loss 0.2000  5,321 samples/s',
    'COMPLETED',
    '  100.0%  epoch 5/12  loss 0.1200  val_loss 0.2000',
    '',
  ]);
});

test('a training without epochs and without a metric named loss shows its step and its own metrics', () => {
  const { stream, text } = openStream(null);
  using screen = createScreen(stream, {});
  const own = { ...RUNNING, epoch: 0, epochs: null, loss: null, samplesPerSecond: null };
  const message = { ...own, step: 15_884, totalSteps: 60_000, metrics: { 'Loss/train': 0.25 } };
  {
    using view = createTrainingView(screen);
    view.show(message);
    view.show({ ...message, status: 'COMPLETED', percent: 100, step: 60_000, etaSeconds: 0 });
  }
  expect(text().split('\n')).toEqual([
    'RUNNING',
    '  41.7%  13 s left  step 15,884/60,000  Loss/train 0.2500',
    'COMPLETED',
    '  100.0%  step 60,000/60,000  Loss/train 0.2500',
    '',
  ]);
  expect(describeProgress({ ...message, totalSteps: null, etaSeconds: null })).toBe(
    '41.7%  step 15,884  Loss/train 0.2500',
  );
  expect(describeProgress({ ...own, status: 'LOADING', step: 0, metrics: {} })).toBe('loading PyTorch and the data');
  const job: JobTableRowFragment = { ...FINISHED, progress: { ...FINISHED.progress, epoch: 0, epochs: null } };
  expect(jobTable([job], createScreen(openStream(200).stream, {})).join('\n')).toMatch(/100% +- /);
});

test('numbers are formatted with units and rounding', () => {
  expect([0, 59.4, 60, 3599, 3600 * 5 + 60].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min 0 s',
    '59 min 59 s',
    '5 h 1 min',
  ]);
  expect([0, 999, 1000, 526_600_000, 2.5e9].map(formatBytes)).toEqual(['0 B', '999 B', '1.0 kB', '527 MB', '2.5 GB']);
  expect([0, 0.12, 1.5e-7, 999.97, 19_361, 1.5e9, null].map(formatMetric)).toEqual([
    '0',
    '0.1200',
    '1.50e-7',
    '1000',
    '19,360',
    '1.50e+9',
    '-',
  ]);
  expect(describeProgress({ ...RUNNING, epochs: null, samplesPerSecond: null, etaSeconds: null })).toBe(
    '41.7%  epoch 5  loss 0.1200  val_loss 0.2000',
  );
});

test('after the last epoch, while the trainer measures the model, no time is left to show', () => {
  const done = { percent: 100, etaSeconds: 0 };
  expect(describeProgress({ ...RUNNING, ...done })).toMatch(/^100\.0% {2}epoch 5\/12/);
  const job: JobTableRowFragment = {
    ...FINISHED,
    ...{ status: 'RUNNING', finishedAt: null, progress: { ...FINISHED.progress, ...done } },
  };
  using screen = createScreen(openStream(null).stream, {});
  expect(jobTable([job], screen).join('\n')).toMatch(/RUNNING .* running for \d/);
});

test('a score has the decimals that it is rounded to', () => {
  const scores = [0.93, -0.00012, 0.0123, 4e-8, 0.99999, -12.3456, null].map((value) => formatScore('r2', value));
  expect(scores).toEqual(['0.9300', '-0.0001', '0.0123', '0', '1.000', '-12.35', '-']);
  expect(formatScore('rmse', 19_361)).toBe('19,360');
});

test('a progress bar stays within its width for every percentage', () => {
  const draw = (percent: number) => progressBar(percent, 4, { unicode: false });
  expect([-5, 0, 24.9, 25, 99.9, 100, 120].map(draw)).toEqual(['----', '----', '----', '#---', '###-', '####', '####']);
  expect(progressBar(50, 4, { unicode: true })).toBe('██░░');
});
