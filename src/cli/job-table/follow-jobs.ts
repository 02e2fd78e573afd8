import { FOLLOW_JOBS, LIST_JOBS } from '../api/operations.ts';
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
  /** How many jobs are shown at most. */
  readonly limit: number;
}

/**
 * Keeps a table of jobs up to date until the signal: redrawn on a terminal, elsewhere a line for each change of status, one JSON
 * object a change with `--json`.
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
    if (!live) console.error(lost ? 'Connection lost, trying again.' : 'Connected again.');
  });
  const { jobs: page } = await api.ask(LIST_JOBS, { first: PAGE, filter });
  const known = new Map(page.edges.map(({ node }) => [node.id, node]));
  const shown = () => newestFirst(known).slice(0, Math.max(1, Math.min(limit, screen.rows - 4)));
  if (!live) for (const job of newestFirst(known).slice(0, limit).reverse()) tell(job, flags, screen);

  const draw = () => {
    if (!changed || !live) return;
    changed = false;
    const jobs = shown();
    const rest = known.size - jobs.length;
    screen.live([
      ...jobTable(jobs, screen),
      screen.style('dim', `${rest > 0 ? `and ${formatCount(rest)} more; ` : ''}live until Ctrl-C`),
      ...(lost ? [screen.style('yellow', 'connection lost, trying again')] : []),
    ]);
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  try {
    for await (const { jobsChanged: change } of api.follow(FOLLOW_JOBS, { filter, after: page.changesCursor })) {
      // What was known is void; all that match are told of from here on.
      if (change.gap) known.clear();
      const before = known.get(change.jobId);
      if (change.job === null || change.kind === 'REMOVED') known.delete(change.jobId);
      else known.set(change.jobId, change.job);
      changed = true;
      if (live) continue;
      if (flags.json === true) screen.print(JSON.stringify(change));
      else if (change.job === null) screen.print(`${change.jobId} DELETED`);
      else if (change.job.status !== before?.status) tell(change.job, flags, screen);
    }
  } finally {
    clearInterval(timer);
    screen.clear();
    // What was seen last stays on the terminal.
    if (live) for (const line of jobTable(shown(), screen)) screen.print(line);
  }
  return EXIT.FINE;
}

/** Ids begin with their time. */
function newestFirst(jobs: ReadonlyMap<string, JobTableRowFragment>): readonly JobTableRowFragment[] {
  return [...jobs.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

function tell(job: JobTableRowFragment, flags: CommonFlags, screen: Screen): void {
  if (flags.json === true) screen.print(JSON.stringify({ kind: 'ADDED', jobId: job.id, job }));
  else screen.print(`${job.id} ${job.status}${job.name === null ? '' : ` ${job.name}`}`);
}
