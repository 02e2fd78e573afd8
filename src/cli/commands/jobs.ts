import type { Api } from '../api/create-api.ts';
import { LIST_JOBS } from '../api/operations/jobs.ts';
import { EXIT } from '../exit-code.ts';
import { addFilterFlags, type FilterFlags, readFilter, readOrder } from '../flags/job-filter.ts';
import { readNumber } from '../flags/values.ts';
import type { JobFilter, JobOrder, JobTableRowFragment } from '../graphql/graphql.ts';
import { followJobs } from '../job-table/follow-jobs.ts';
import { jobTable } from '../job-table/job-table.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface JobsFlags extends CommonFlags, FilterFlags {
  readonly limit?: number;
  readonly all?: boolean;
  readonly orderBy?: string;
  readonly reverse?: boolean;
  readonly follow?: boolean;
}

const DEFAULT_LIMIT = 20;
/** The maximum page size of the API. */
const PAGE = 200;

/** `trainyard jobs` */
export const addJobs: AddCommand = (program, run) => {
  addFilterFlags(program.command('jobs').alias('ls').description('list jobs, newest first'))
    .option('-n, --limit <n>', `maximum number of jobs (default: ${DEFAULT_LIMIT})`, (text) =>
      readNumber('--limit', text, { whole: true, least: 1 }),
    )
    .option('-a, --all', 'list all jobs')
    .option('--order-by <field>', 'created (default), ended, name, progress, score or metric:NAME')
    .option('--reverse', 'reverse the order: oldest or lowest first')
    .option('-f, --follow', 'keep the table up to date until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        ['trainyard jobs', 'the newest 20'],
        ['trainyard jobs -f --status running,queued', 'active jobs, live'],
        ['trainyard jobs --order-by score', 'the best models first'],
        ["trainyard jobs --all --json | jq -r '.[].id'", 'all ids, for scripts'],
      ),
    )
    .action(run(jobs));
};

const jobs: Action<JobsFlags> = async (context, flags) => {
  const { screen } = context;
  const filter = readFilter(flags);
  const orderBy =
    flags.orderBy === undefined && flags.reverse !== true
      ? null
      : readOrder(flags.orderBy ?? 'created', flags.reverse === true);
  const limit = flags.all === true ? Infinity : (flags.limit ?? DEFAULT_LIMIT);
  if (flags.follow === true) {
    if (orderBy !== null)
      throw new UsageError('--follow lists the newest jobs first. It cannot be combined with --order-by or --reverse.');
    return followJobs({ flags, filter, limit }, context);
  }
  const { rows, total } = await readJobs(apiFor(flags, context), { filter, orderBy, limit });
  if (flags.json === true) screen.print(JSON.stringify(rows, null, 2));
  else if (rows.length === 0)
    screen.print(filter === null ? 'There are no jobs yet. `trainyard start` starts one.' : 'No job matches.');
  else {
    for (const line of jobTable(rows, screen)) screen.print(line);
    if (rows.length < total) {
      screen.print(screen.style('dim', `${rows.length} of ${total} jobs. Use --limit or --all to list more.`));
    }
  }
  return EXIT.SUCCESS;
};

async function readJobs(
  api: Api,
  { filter, orderBy, limit }: { filter: JobFilter | null; orderBy: JobOrder | null; limit: number },
): Promise<{ rows: readonly JobTableRowFragment[]; total: number }> {
  const rows: JobTableRowFragment[] = [];
  for (let after: string | null = null; ;) {
    const first = Math.min(PAGE, limit - rows.length);
    const { jobs: page }: Awaited<ReturnType<typeof readPage>> = await readPage(api, { first, after, filter, orderBy });
    rows.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage || rows.length >= limit || after === null) return { rows, total: page.totalCount };
  }
}

function readPage(
  api: Api,
  variables: { first: number; after: string | null; filter: JobFilter | null; orderBy: JobOrder | null },
) {
  return api.request(LIST_JOBS, variables);
}
