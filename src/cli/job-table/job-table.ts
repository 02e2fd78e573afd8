import type { JobTableRowFragment } from '../graphql/graphql.ts';
import { formatDuration, formatMetric } from '../terminal/format.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import { styleOf } from '../terminal/status-style.ts';
import { type Alignment, alignColumns, shorten, visibleWidth } from '../terminal/table.ts';
import { hasEnded } from '../training-view.ts';

const BAR_WIDTH = 10;
const MAX_NAME_WIDTH = 24;

const HEADER = ['JOB', 'STATUS', 'PROGRESS', 'EPOCH', 'LOSS', 'TIME', 'NAME', 'USER', 'DATASET'] as const;
const ALIGNMENTS: readonly Alignment[] = ['LEFT', 'LEFT', 'LEFT', 'RIGHT', 'RIGHT', 'LEFT', 'LEFT', 'LEFT', 'LEFT'];
/** Columns to drop on a narrow terminal, in this order, after the progress bars. */
const DROP_ORDER: readonly (typeof HEADER)[number][] = ['USER', 'DATASET', 'EPOCH', 'LOSS', 'TIME', 'NAME'];

/** The lines of a job table, header first. On a terminal it has only the columns that fit. */
export function jobTable(jobs: readonly JobTableRowFragment[], screen: Screen, now = Date.now()): string[] {
  const fits = (lines: readonly string[]) =>
    !screen.interactive || lines.every((line) => visibleWidth(line) < screen.columns);
  // A server without tokens has no users.
  const first = jobs.some(({ startedBy }) => startedBy !== null) ? 0 : 1;
  let lines = renderTable(jobs, screen, now, { bars: true, without: DROP_ORDER.slice(0, first) });
  for (let left = first; left <= DROP_ORDER.length && !fits(lines); left++) {
    lines = renderTable(jobs, screen, now, { bars: false, without: DROP_ORDER.slice(0, left) });
  }
  return lines;
}

function renderTable(
  jobs: readonly JobTableRowFragment[],
  screen: Screen,
  now: number,
  { bars, without }: { bars: boolean; without: readonly string[] },
): string[] {
  const kept = HEADER.flatMap((title, column) => (without.includes(title) ? [] : [column]));
  const select = <Value>(values: readonly Value[]) => kept.map((column) => values[column] as Value);
  return alignColumns(
    [
      select(HEADER.map((title) => screen.style('dim', title))),
      ...jobs.map((job) => select(rowCells(job, screen, now, bars))),
    ],
    select(ALIGNMENTS),
  );
}

function rowCells(job: JobTableRowFragment, screen: Screen, now: number, bar: boolean): string[] {
  const { progress, status } = job;
  const percent = `${Math.floor(progress.percent)}%`.padStart(4);
  const stalled = job.health === 'STALLED' ? ' (stalled)' : '';
  return [
    job.id,
    screen.style(styleOf(status), `${status}${stalled}`),
    bar ? `${progressBar(progress.percent, BAR_WIDTH, screen)} ${percent}` : percent,
    progress.epochs === null ? String(progress.epoch) : `${progress.epoch}/${progress.epochs}`,
    formatMetric(progress.loss),
    timeText(job, now),
    shorten((job.name ?? '').replace(/\s+/g, ' '), MAX_NAME_WIDTH),
    shorten(job.startedBy ?? '', MAX_NAME_WIDTH),
    `${shorten(job.dataset ?? job.trainer, MAX_NAME_WIDTH)}${job.simulation ? screen.style('yellow', ' (sim)') : ''}`,
  ];
}

/** Remaining time of a running job, duration of an ended one, queue position of a queued one. */
function timeText(
  { status, progress, startedAt, finishedAt, queuePosition }: JobTableRowFragment,
  now: number,
): string {
  if (queuePosition !== null) return `position ${queuePosition}`;
  if (startedAt === null) return '';
  if (!hasEnded(status) && progress.etaSeconds !== null) return `${formatDuration(progress.etaSeconds)} left`;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return `${hasEnded(status) ? 'took' : 'running for'} ${formatDuration((end - Date.parse(startedAt)) / 1000)}`;
}
