import type { JobRowFragment } from '../graphql/graphql.ts';
import { formatDuration, formatMetric } from '../terminal/format.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import type { Screen } from '../terminal/screen.ts';
import { STATUS_STYLES } from '../terminal/status-style.ts';
import { alignColumns, shorten } from '../terminal/table.ts';
import { isOver } from '../training-view.ts';

const BAR_WIDTH = 10;
const LONGEST_NAME = 24;

/** A table of jobs, the header first: a line each. */
export function jobTable(jobs: readonly JobRowFragment[], screen: Screen, now = Date.now()): string[] {
  const header = ['JOB', 'STATUS', 'PROGRESS', 'EPOCH', 'LOSS', 'TIME', 'NAME', 'DATASET'];
  return alignColumns(
    [header.map((title) => screen.style('dim', title)), ...jobs.map((job) => cellsOf(job, screen, now))],
    ['LEFT', 'LEFT', 'LEFT', 'RIGHT', 'RIGHT', 'LEFT', 'LEFT', 'LEFT'],
  );
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
    shorten(job.name ?? '', LONGEST_NAME),
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
