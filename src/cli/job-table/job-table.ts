import type { JobTableRowFragment } from '../graphql/graphql.ts';
import { formatDuration, formatMetric } from '../terminal/format.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import { STATUS_STYLES } from '../terminal/status-style.ts';
import { type Alignment, alignColumns, shorten, widthOf } from '../terminal/table.ts';
import { isOver } from '../training-view.ts';

const BAR_WIDTH = 10;
const LONGEST_NAME = 24;

const HEADER = ['JOB', 'STATUS', 'PROGRESS', 'EPOCH', 'LOSS', 'TIME', 'NAME', 'DATASET'] as const;
const ALIGNMENTS: readonly Alignment[] = ['LEFT', 'LEFT', 'LEFT', 'RIGHT', 'RIGHT', 'LEFT', 'LEFT', 'LEFT'];
/** What is left out first where a terminal is too narrow, after the bars: rows that wrap are no table. */
const SACRIFICES: readonly (typeof HEADER)[number][] = ['DATASET', 'EPOCH', 'LOSS', 'TIME', 'NAME'];

/** A table of jobs, the header first: a line each. On a terminal it has only what fits. */
export function jobTable(jobs: readonly JobTableRowFragment[], screen: Screen, now = Date.now()): string[] {
  const fits = (lines: readonly string[]) =>
    !screen.interactive || lines.every((line) => widthOf(line) < screen.columns);
  let lines = tableOf(jobs, screen, now, { bars: true, without: [] });
  for (let left = 0; left <= SACRIFICES.length && !fits(lines); left++) {
    lines = tableOf(jobs, screen, now, { bars: false, without: SACRIFICES.slice(0, left) });
  }
  return lines;
}

function tableOf(
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
      ...jobs.map((job) => select(cellsOf(job, screen, now, bars))),
    ],
    select(ALIGNMENTS),
  );
}

function cellsOf(job: JobTableRowFragment, screen: Screen, now: number, bar: boolean): string[] {
  const { progress, status } = job;
  const percent = `${Math.floor(progress.percent)}%`.padStart(4);
  const stalled = job.health === 'STALLED' ? ' (stalled)' : '';
  return [
    job.id,
    screen.style(STATUS_STYLES[status], `${status}${stalled}`),
    bar ? `${progressBar(progress.percent, BAR_WIDTH, screen)} ${percent}` : percent,
    progress.epochs === null ? String(progress.epoch) : `${progress.epoch}/${progress.epochs}`,
    formatMetric(progress.loss),
    timeOf(job, now),
    shorten((job.name ?? '').replace(/\s+/g, ' '), LONGEST_NAME),
    `${shorten(job.dataset, LONGEST_NAME)}${job.simulation ? screen.style('yellow', ' (sim)') : ''}`,
  ];
}

/** What is left of a running job, how long an ended one took, how far a waiting one is. */
function timeOf({ status, progress, startedAt, finishedAt, queuePosition }: JobTableRowFragment, now: number): string {
  if (queuePosition !== null) return `place ${queuePosition}`;
  if (startedAt === null) return '';
  if (!isOver(status) && progress.etaSeconds !== null) return `${formatDuration(progress.etaSeconds)} left`;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return `${isOver(status) ? 'took' : 'for'} ${formatDuration((end - Date.parse(startedAt)) / 1000)}`;
}
