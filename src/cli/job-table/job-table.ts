import type { JobRowFragment } from '../graphql/graphql.ts';
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
/** What is left out first where a terminal is too narrow: rows that wrap are no table. */
const SACRIFICES: readonly (typeof HEADER)[number][] = ['DATASET', 'EPOCH', 'LOSS', 'TIME', 'NAME'];

/** A table of jobs, the header first: a line each. On a terminal it has only the columns that fit. */
export function jobTable(jobs: readonly JobRowFragment[], screen: Screen, now = Date.now()): string[] {
  const rows = [HEADER.map((title) => screen.style('dim', title)), ...jobs.map((job) => cellsOf(job, screen, now))];
  let lines: string[] = [];
  for (let left = 0; left <= SACRIFICES.length; left++) {
    const kept = HEADER.flatMap((title, column) => (SACRIFICES.slice(0, left).includes(title) ? [] : [column]));
    const select = <Value>(values: readonly Value[]) => kept.map((column) => values[column] as Value);
    lines = alignColumns(rows.map(select), select(ALIGNMENTS));
    if (!screen.interactive || lines.every((line) => widthOf(line) < screen.columns)) break;
  }
  return lines;
}

function cellsOf(job: JobRowFragment, screen: Screen, now: number): string[] {
  const { progress, status } = job;
  const stalled = job.health === 'STALLED' ? ' (stalled)' : '';
  return [
    job.id,
    screen.style(STATUS_STYLES[status], `${status}${stalled}`),
    `${progressBar(progress.percent, BAR_WIDTH, screen)} ${`${Math.floor(progress.percent)}%`.padStart(4)}`,
    progress.epochs === null ? String(progress.epoch) : `${progress.epoch}/${progress.epochs}`,
    formatMetric(progress.loss),
    timeOf(job, now),
    shorten((job.name ?? '').replace(/\s+/g, ' '), LONGEST_NAME),
    `${shorten(job.dataset, LONGEST_NAME)}${job.simulation ? screen.style('yellow', ' (sim)') : ''}`,
  ];
}

/** What is left of a running job, how long an ended one took, how far a waiting one is. */
function timeOf({ status, progress, startedAt, finishedAt, queuePosition }: JobRowFragment, now: number): string {
  if (queuePosition !== null) return `place ${queuePosition}`;
  if (startedAt === null) return '';
  if (!isOver(status) && progress.etaSeconds !== null) return `${formatDuration(progress.etaSeconds)} left`;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return `${isOver(status) ? 'took' : 'for'} ${formatDuration((end - Date.parse(startedAt)) / 1000)}`;
}
