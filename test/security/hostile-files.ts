import * as fc from 'fast-check';

/** The content of the files of one job; null if there is no file. */
export interface JobFiles {
  readonly status: string;
  readonly exit: string | null;
  readonly spec: string;
  readonly metrics: string;
  readonly log: string;
}

const NOW = 1_760_320_884.1;
/** A text after this prefix goes into JSON unquoted, for numbers that no JavaScript number prints as. */
const AS_IT_STANDS = 'as it stands: ';

const strangeNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e14, 1e15, 8.64e12, 1e11, 1e300, 5e-324),
  fc
    .constantFrom('1e400', '-1e400', '-0', '9007199254740993', '1E-400', '123456789012345678901234567890')
    .map((text) => AS_IT_STANDS + text),
  fc.double({ noNaN: true }),
);

const strangeText = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '\0', 'a\0b', '\ud800', 'a\udfff', '\u202e', '\u2028', '__proto__', 'constructor', 'toString', 'loss'],
    ...[
      '../../etc/passwd',
      'models/a\0.pt',
      '\u001b[2J',
      '"',
      'x'.repeat(129),
      'y'.repeat(3000),
      'z'.repeat(1_000_000),
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

const strangeValue = fc.oneof(
  { weight: 4, arbitrary: strangeNumber },
  { weight: 4, arbitrary: strangeText },
  fc.constantFrom(null, true, [], {}, [[]], AS_IT_STANDS + '['.repeat(3000) + ']'.repeat(3000)),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values by name: a few of any kind, or very many. */
const byName = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.dictionary(fc.oneof(strangeText, fc.constantFrom('loss', 'val_loss')), value, { maxKeys: 8 }),
    },
    fc
      .tuple(fc.integer({ min: 400, max: 1200 }), value)
      .map(([count, one]) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`metric ${index}`, one]))),
  );

/** Mostly what readers accept, up to the limits; sometimes anything. */
const mostly = (...fitting: unknown[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: strangeValue });
const count = mostly(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, null);
const time = mostly(0, NOW, NOW + 1e6, 1e11);
const number = mostly(-0, -1.5, 1e300, -1.7976931348623157e308, 5e-324, 2 ** 53, null);
const text = (longest: number) =>
  mostly('', 'plain', 'a\0b', '\ud800', '\u202e', '__proto__', '../../etc/passwd', 'models/\0.pt', 'é'.repeat(longest));
const pid = mostly(1, 2, 2 ** 22, 2 ** 31 - 1);
const point = fc.record({ value: number, step: count, at: time });
const status = mostly('QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR');
const identity = fc.record({ pid, start_time: text(128), boot_id: text(128) });

/** Values for a key. */
const KEYS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  attempt: mostly(1, 1, 1, 2, 2 ** 53 - 1),
  sequence: mostly(6, 1e14, 999_999_999_999_999, 2 ** 53 - 1),
  status,
  progress: mostly(0, 100, 33.3),
  epoch: count,
  epochs: count,
  step: count,
  first_step: count,
  total_steps: count,
  loss: number,
  metrics: byName(number),
  extremes: byName(fc.record({ min: point, max: point })),
  message: text(4000),
  checkpoint: text(1024),
  samples_per_second: number,
  eta_seconds: mostly(0, 1e300),
  started_at: time,
  updated_at: time,
  finished_at: time,
  transitions: fc.array(fc.record({ status, at: time }), { maxLength: 70 }),
  simulation: fc.boolean(),
  pid,
  host: text(300),
  device: text(200),
  process: identity,
  supervisor: identity,
  error: fc.record({ reason: text(30), message: text(5000), traceback: text(5000) }),
};

/** A valid document except for a few keys. */
function strayFrom(good: object, keys: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  const change = fc
    .constantFrom(...Object.keys(keys))
    .chain((key) =>
      fc
        .oneof({ weight: 4, arbitrary: keys[key] as fc.Arbitrary<unknown> }, strangeValue)
        .map((value): [string, unknown] => [key, value]),
    );
  return fc.array(change, { maxLength: 5 }).map((changes) => ({ ...good, ...Object.fromEntries(changes) }));
}

/** A document as text, complete in most cases. */
const written = (document: fc.Arbitrary<object>) =>
  fc.oneof(
    { weight: 12, arbitrary: document.map(textOf) },
    document.map((one) => textOf(one).slice(0, -7)),
    fc.string({ unit: 'binary', maxLength: 100 }),
  );

function textOf(document: object): string {
  return JSON.stringify(document).replaceAll(new RegExp(`"${AS_IT_STANDS}([^"]*)"`, 'g'), '$1');
}

const goodStatus = (id: string) => ({
  ...{ version: 1, job_id: id, attempt: 1, sequence: 5, status: 'RUNNING', progress: 50, step: 5, total_steps: 10 },
  ...{ epoch: 1, epochs: 2, loss: 0.5, metrics: { loss: 0.5 }, created_at: NOW, updated_at: NOW },
  transitions: [{ status: 'RUNNING', at: NOW }],
});
const goodExit = (id: string) => ({
  ...{ version: 1, job_id: id, attempt: 1, exit_code: 0, signal: null, started_at: NOW, finished_at: NOW },
  ...{ max_rss_bytes: 5e9, oom_killed: false, spawn_error: null },
});
const goodReport = { attempt: 1, at: NOW, step: 5, epoch: 1, values: { loss: 0.5 } };
const lines = (texts: readonly string[]) => texts.map((line) => `${line}\n`).join('');

/** Files of the job with this id as they should be, but for these keys; a number that is text is written as it stands. */
export function filesWith(
  id: string,
  { status = {}, exit, report = {}, log = '' }: { status?: object; exit?: object; report?: object; log?: string },
): JobFiles {
  return {
    status: textOf({ ...goodStatus(id), ...status }),
    exit: exit === undefined ? null : textOf({ ...goodExit(id), ...exit }),
    spec: '{}',
    metrics: lines([textOf({ ...goodReport, ...report })]),
    log: lines([log]),
  };
}

/** A number in JSON as text, for {@link filesWith}. */
export const asItStands = (text: string): string => AS_IT_STANDS + text;

/** Files of the job with this id, whose first attempt runs: as they should be, strange, or broken. */
export function filesOf(id: string): fc.Arbitrary<JobFiles> {
  const exit = strayFrom(goodExit(id), {
    exit_code: mostly(0, 1, 255, null),
    signal: text(32),
    finished_at: time,
    max_rss_bytes: count,
    oom_killed: fc.boolean(),
    spawn_error: text(3000),
  });
  const report = strayFrom(goodReport, {
    attempt: mostly(1, 2, 2 ** 53 - 1),
    at: mostly(0, NOW, 8.64e12, -8.64e12),
    step: count,
    epoch: count,
    values: byName(number),
  });
  const logLine = fc
    .tuple(
      fc.oneof(fc.constantFrom('2026-11-23T19:22:04.123456Z', '+275760-09-13T00:00:00.001Z', '-1Z'), strangeText),
      strangeText,
    )
    .map(([at, text]) => `${at} stdout F ${text}`);
  return fc.record({
    status: written(strayFrom(goodStatus(id), KEYS)),
    exit: fc.option(written(exit), { freq: 2 }),
    spec: written(strayFrom({ version: 1, job_id: id, name: null, epochs: 2 }, { name: strangeText, epochs: count })),
    metrics: fc.array(written(report), { maxLength: 6 }).map(lines),
    log: fc.array(logLine, { maxLength: 4 }).map(lines),
  });
}
