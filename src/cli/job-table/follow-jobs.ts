import { FOLLOW_JOBS, LIST_JOBS } from '../api/operations/jobs.ts';
import { apiFor, type CommandContext, type CommonFlags } from '../commands/context.ts';
import { EXIT } from '../exit-code.ts';
import type { JobFilter, JobTableRowFragment } from '../graphql/graphql.ts';
import { formatCount } from '../terminal/format.ts';
import type { Screen } from '../terminal/screen.ts';
import { jobTable } from './job-table.ts';

const PAGE = 200;
const REDRAW_MS = 200;

export interface FollowJobsOptions {
  readonly flags: CommonFlags;
  readonly filter: JobFilter | null;
  /** Maximum number of jobs in the table. */
  readonly limit: number;
}

/**
 * Follows jobs until the signal: a live table on a terminal, elsewhere a line for each change of status, one JSON object per change with
 * `--json`.
 * @throws ApiError
 */
export async function followJobs(
  { flags, filter, limit }: FollowJobsOptions,
  context: CommandContext,
): Promise<number> {
  const { screen } = context;
  const live = screen.interactive && flags.json !== true;
  let lost = false;
  let changed = true;
  const api = apiFor(flags, context, (state) => {
    lost = state === 'LOST';
    changed = true;
    if (!live) console.error(lost ? 'Connection lost, reconnecting.' : 'Reconnected.');
  });
  const { jobs: page } = await api.request(LIST_JOBS, { first: PAGE, filter });
  const known = new Map(page.edges.map(({ node }) => [node.id, node]));
  const shown = () => newestFirst(known).slice(0, Math.max(1, Math.min(limit, screen.rows - 4)));
  if (!live) for (const job of newestFirst(known).slice(0, limit).reverse()) printStatus(job, flags, screen);

  const draw = () => {
    if (!changed || !live) return;
    changed = false;
    const jobs = shown();
    const rest = known.size - jobs.length;
    screen.live([
      ...jobTable(jobs, screen),
      screen.style('dim', `${rest > 0 ? `and ${formatCount(rest)} more; ` : ''}updates until Ctrl-C`),
      ...(lost ? [screen.style('yellow', 'connection lost, reconnecting')] : []),
    ]);
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  try {
    for await (const { jobsChanged: change } of api.subscribe(FOLLOW_JOBS, { filter, after: page.changesCursor })) {
      // After a gap the server sends every matching job again.
      if (change.gap) known.clear();
      const before = known.get(change.jobId);
      if (change.job === null || change.kind === 'REMOVED') known.delete(change.jobId);
      else known.set(change.jobId, change.job);
      changed = true;
      if (live) continue;
      if (flags.json === true) screen.print(JSON.stringify(change));
      else if (change.job === null) screen.print(`${change.jobId} DELETED`);
      else if (change.job.status !== before?.status) printStatus(change.job, flags, screen);
    }
  } finally {
    clearInterval(timer);
    screen.clear();
    // The last table stays on the terminal.
    if (live) for (const line of jobTable(shown(), screen)) screen.print(line);
  }
  return EXIT.SUCCESS;
}

/** Sorted by creation time, then id, newest first. */
function newestFirst(jobs: ReadonlyMap<string, JobTableRowFragment>): readonly JobTableRowFragment[] {
  return [...jobs.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

function printStatus(job: JobTableRowFragment, flags: CommonFlags, screen: Screen): void {
  if (flags.json === true) screen.print(JSON.stringify({ kind: 'ADDED', jobId: job.id, job }));
  else screen.print(`${job.id} ${job.status}${job.name === null ? '' : ` ${job.name}`}`);
}
