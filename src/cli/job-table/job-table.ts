import { hasEnded, secondsLeft } from '../../client/job-progress.ts';
import { scoreLabel } from '../../client/score-words.ts';
import { shortId } from '../api/job-reference.ts';
import type { JobTableRowFragment, ScoreDetailFragment } from '../graphql/graphql.ts';
import { formatCount, formatDuration, formatMetric } from '../terminal/format.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import { formatScore } from '../terminal/score.ts';
import { styleOf } from '../terminal/status-style.ts';
import { type Alignment, alignColumns, shorten } from '../terminal/table.ts';
import { textWidth } from '../terminal/text-width.ts';

const BAR_WIDTH = 10;
const MAX_NAME_WIDTH = 24;

/** The columns in their order: those that identify jobs and their quality come first. */
const COLUMNS = {
  NAME: 'LEFT',
  SCORE: 'RIGHT',
  METRIC: 'LEFT',
  BASELINE: 'RIGHT',
  FROM: 'LEFT',
  STATUS: 'LEFT',
  PROGRESS: 'LEFT',
  EPOCH: 'RIGHT',
  TIME: 'LEFT',
  JOB: 'LEFT',
  USER: 'LEFT',
  DATASET: 'LEFT',
} as const satisfies Record<string, Alignment>;
type Column = keyof typeof COLUMNS;

/** The parts of a table that fit into the available space. */
interface Layout {
  readonly without: readonly Column[];
  readonly bars: boolean;
  /** Complete ids, or only their end, which also identifies a job. */
  readonly completeIds: boolean;
  readonly nameWidth: number;
  /** `Bal. accuracy, cv` instead of `Balanced accuracy, cross-validation`. */
  readonly shortMetrics: boolean;
}

const WIDEST: Layout = { without: [], bars: true, completeIds: true, nameWidth: MAX_NAME_WIDTH, shortMetrics: false };
/**
 * The columns that a narrow terminal leaves out and the parts that it shortens, one after the other. Name, score, status and id always
 * remain.
 */
const NARROWER: readonly (Column | Partial<Layout>)[] = [
  { bars: false },
  { completeIds: false },
  'USER',
  'EPOCH',
  'TIME',
  { nameWidth: 18 },
  'PROGRESS',
  { shortMetrics: true },
  'DATASET',
  { nameWidth: 12 },
  { nameWidth: 9 },
  'FROM',
  'METRIC',
  { nameWidth: 8 },
  'BASELINE',
];

/**
 * The lines of a job table, header first. On a terminal it has only the columns that fit; where even those of the narrowest table do not,
 * each job has two lines.
 */
export function jobTable(jobs: readonly JobTableRowFragment[], screen: Screen, now = Date.now()): string[] {
  const fits = (lines: readonly string[]) =>
    !screen.interactive || lines.every((line) => textWidth(line) < screen.columns);
  // A server without tokens has no users.
  const noUsers = jobs.every(({ startedBy }) => startedBy === null);
  let layout: Layout = { ...WIDEST, without: noUsers ? ['USER'] : [] };
  let lines = renderTable(jobs, screen, now, layout);
  for (const step of NARROWER) {
    if (fits(lines)) break;
    layout = typeof step === 'string' ? { ...layout, without: [...layout.without, step] } : { ...layout, ...step };
    lines = renderTable(jobs, screen, now, layout);
  }
  return fits(lines) ? lines : stackedLines(jobs, screen, now, layout);
}

/** Name and score of each job in a line, and its status and id in the next one. */
function stackedLines(jobs: readonly JobTableRowFragment[], screen: Screen, now: number, layout: Layout): string[] {
  return jobs.flatMap((job) => {
    const { SCORE, METRIC, STATUS, JOB } = cellsOf(job, screen, now, layout);
    const left = (score: string) => screen.columns - 1 - textWidth(score) - 2;
    const named = `${SCORE} ${METRIC}`.trimEnd();
    const score = left(named) < layout.nameWidth ? SCORE : named;
    return [`${shorten(nameOf(job), Math.max(1, left(score)))}  ${score}`, `  ${STATUS} ${JOB}`];
  });
}

function renderTable(jobs: readonly JobTableRowFragment[], screen: Screen, now: number, layout: Layout): string[] {
  const shown = (Object.keys(COLUMNS) as Column[]).filter((column) => !layout.without.includes(column));
  return alignColumns(
    [
      shown.map((column) => screen.style('dim', column)),
      ...jobs.map((job) => {
        const cells = cellsOf(job, screen, now, layout);
        return shown.map((column) => cells[column]);
      }),
    ],
    shown.map((column) => COLUMNS[column]),
  );
}

function cellsOf(
  job: JobTableRowFragment,
  screen: Screen,
  now: number,
  { bars, completeIds, nameWidth, shortMetrics, without }: Layout,
): Readonly<Record<Column, string>> {
  const { progress, status, score } = job;
  const percent = `${Math.floor(progress.percent)}%`.padStart(4);
  const withPercent =
    without.includes('PROGRESS') && (hasEnded(status) ? status !== 'COMPLETED' : progress.percent > 0);
  const marks = [
    status,
    ...(withPercent ? [percent.trim()] : []),
    ...(job.health === 'STALLED' ? ['(stalled)'] : []),
    ...(job.simulation && without.includes('DATASET') ? ['(sim)'] : []),
  ];
  return {
    NAME: shorten(nameOf(job), nameWidth),
    SCORE:
      score === null ? formatMetric(progress.loss) : screen.style(score.hardlyBetter ? 'red' : [], scoreText(score)),
    METRIC: score === null ? (progress.loss === null ? '' : 'loss') : metricText(score, shortMetrics),
    BASELINE: score?.baseline == null ? '' : formatScore(score.name, score.baseline),
    FROM: score === null ? '' : fromText(score),
    STATUS: screen.style(styleOf(status), marks.join(' ')),
    PROGRESS: bars ? `${progressBar(progress.percent, BAR_WIDTH, screen)} ${percent}` : percent,
    EPOCH: epochText(progress),
    TIME: timeText(job, now),
    JOB: completeIds ? job.id : shortId(job.id),
    USER: shorten(job.startedBy ?? '', MAX_NAME_WIDTH),
    DATASET: `${shorten(job.dataset ?? job.trainer, MAX_NAME_WIDTH)}${job.simulation ? screen.style('yellow', ' (sim)') : ''}`,
  };
}

function nameOf({ name }: JobTableRowFragment): string {
  return name?.replace(/\s+/g, ' ') ?? '-';
}

function scoreText({ name, value, unit }: ScoreDetailFragment): string {
  if (unit !== null) return `${formatScore(name, value)} ${unit}`;
  // The R² of a model that diverged.
  return value < -1e4 ? value.toExponential(2) : formatScore(name, value);
}

function metricText(score: ScoreDetailFragment, isShort: boolean): string {
  const label = scoreLabel(score);
  if (!isShort) return label;
  return label
    .replace(/^Balanced/, 'Bal.')
    .replace(/, cross-validation$/, ', cv')
    .replace(/, validation$/, ', val');
}

/** A dash for a training that reports no epochs. */
function epochText({ epoch, epochs }: JobTableRowFragment['progress']): string {
  if (epochs !== null) return `${formatCount(epoch)}/${formatCount(epochs)}`;
  return epoch === 0 ? '-' : formatCount(epoch);
}

/** The epoch of the model that the score belongs to, or the step of the best value. */
function fromText({ epoch, step }: ScoreDetailFragment): string {
  if (epoch !== null) return `epoch ${formatCount(epoch)}`;
  return step === null ? '' : `step ${formatCount(step)}`;
}

/** Remaining time of a running job, duration of an ended one over all attempts, queue position of a queued one. */
function timeText(
  { status, progress, startedAt, earlierSeconds, finishedAt, queuePosition }: JobTableRowFragment,
  now: number,
): string {
  if (queuePosition !== null) return `position ${queuePosition}`;
  if (startedAt === null) return '';
  const left = secondsLeft(progress);
  if (!hasEnded(status) && left !== null) return `${formatDuration(left)} left`;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return `${hasEnded(status) ? 'took' : 'running for'} ${formatDuration(earlierSeconds + (end - Date.parse(startedAt)) / 1000)}`;
}
