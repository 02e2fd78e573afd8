import { shortId } from '../api/job-reference.ts';
import type { JobTableRowFragment, ScoreDetailFragment } from '../graphql/graphql.ts';
import { formatCount, formatDuration, formatMetric } from '../terminal/format.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import { formatScore } from '../terminal/score.ts';
import { styleOf } from '../terminal/status-style.ts';
import { type Alignment, alignColumns, shorten, visibleWidth } from '../terminal/table.ts';
import { hasEnded } from '../training-view.ts';

const BAR_WIDTH = 10;
const MAX_NAME_WIDTH = 24;

/** The columns in their order: those that identify jobs and their quality come first. */
const COLUMNS = {
  NAME: 'LEFT',
  SCORE: 'RIGHT',
  METRIC: 'LEFT',
  BASELINE: 'RIGHT',
  STATUS: 'LEFT',
  PROGRESS: 'LEFT',
  EPOCH: 'RIGHT',
  TIME: 'LEFT',
  JOB: 'LEFT',
  USER: 'LEFT',
  DATASET: 'LEFT',
} as const satisfies Record<string, Alignment>;
type Column = keyof typeof COLUMNS;

/** Scores that were not measured on held-out data are marked. */
const SUFFIXES = { TEST: '', CROSS_VALIDATION: ' (cv)', VALIDATION: ' (val)', TRAINING: ' (train)' } as const;

/** The parts of a table that fit into the available space. */
interface Layout {
  readonly without: readonly Column[];
  readonly bars: boolean;
  /** Complete ids, or only their end, which also identifies a job. */
  readonly completeIds: boolean;
  readonly nameWidth: number;
}

const WIDEST: Layout = { without: [], bars: true, completeIds: true, nameWidth: MAX_NAME_WIDTH };
/** The parts that a narrow terminal leaves out, one after the other. Name, score, status and id always remain. */
const NARROWER: readonly Partial<Layout>[] = [
  { bars: false },
  { completeIds: false },
  { without: ['USER'] },
  { without: ['USER', 'DATASET'] },
  { without: ['USER', 'DATASET', 'EPOCH'] },
  { without: ['USER', 'DATASET', 'EPOCH', 'TIME'] },
  { without: ['USER', 'DATASET', 'EPOCH', 'TIME', 'BASELINE'] },
  { nameWidth: 18 },
  { without: ['USER', 'DATASET', 'EPOCH', 'TIME', 'BASELINE', 'PROGRESS'] },
  { without: ['USER', 'DATASET', 'EPOCH', 'TIME', 'BASELINE', 'PROGRESS', 'METRIC'] },
  { nameWidth: 12 },
  { nameWidth: 8 },
];

/** The lines of a job table, header first. On a terminal it has only the columns that fit. */
export function jobTable(jobs: readonly JobTableRowFragment[], screen: Screen, now = Date.now()): string[] {
  const fits = (lines: readonly string[]) =>
    !screen.interactive || lines.every((line) => visibleWidth(line) < screen.columns);
  // A server without tokens has no users.
  const noUsers = jobs.every(({ startedBy }) => startedBy === null);
  let layout: Layout = { ...WIDEST, without: noUsers ? ['USER'] : [] };
  let lines = renderTable(jobs, screen, now, layout);
  for (const step of NARROWER) {
    if (fits(lines)) break;
    layout = { ...layout, ...step };
    lines = renderTable(jobs, screen, now, layout);
  }
  return lines;
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
  { bars, completeIds, nameWidth }: Layout,
): Readonly<Record<Column, string>> {
  const { progress, status, score } = job;
  const percent = `${Math.floor(progress.percent)}%`.padStart(4);
  const stalled = job.health === 'STALLED' ? ' (stalled)' : '';
  return {
    NAME: job.name === null ? '-' : shorten(job.name.replace(/\s+/g, ' '), nameWidth),
    SCORE:
      score === null ? formatMetric(progress.loss) : screen.style(score.hardlyBetter ? 'red' : [], scoreText(score)),
    METRIC: score === null ? (progress.loss === null ? '' : 'loss') : `${score.name}${SUFFIXES[score.part]}`,
    BASELINE: score?.baseline == null ? '' : formatScore(score.name, score.baseline),
    STATUS: screen.style(styleOf(status), `${status}${stalled}`),
    PROGRESS: bars ? `${progressBar(progress.percent, BAR_WIDTH, screen)} ${percent}` : percent,
    EPOCH:
      progress.epochs === null
        ? formatCount(progress.epoch)
        : `${formatCount(progress.epoch)}/${formatCount(progress.epochs)}`,
    TIME: timeText(job, now),
    JOB: completeIds ? job.id : shortId(job.id),
    USER: shorten(job.startedBy ?? '', MAX_NAME_WIDTH),
    DATASET: `${shorten(job.dataset ?? job.trainer, MAX_NAME_WIDTH)}${job.simulation ? screen.style('yellow', ' (sim)') : ''}`,
  };
}

function scoreText({ name, value, unit }: ScoreDetailFragment): string {
  return unit === null ? formatScore(name, value) : `${formatScore(name, value)} ${unit}`;
}

/** Remaining time of a running job, duration of an ended one over all attempts, queue position of a queued one. */
function timeText(
  { status, progress, startedAt, earlierSeconds, finishedAt, queuePosition }: JobTableRowFragment,
  now: number,
): string {
  if (queuePosition !== null) return `position ${queuePosition}`;
  if (startedAt === null) return '';
  if (!hasEnded(status) && progress.etaSeconds !== null) return `${formatDuration(progress.etaSeconds)} left`;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return `${hasEnded(status) ? 'took' : 'running for'} ${formatDuration(earlierSeconds + (end - Date.parse(startedAt)) / 1000)}`;
}
