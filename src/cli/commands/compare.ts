import { differingSettings, labelJobs } from '../../client/compare-jobs.ts';
import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { findJobId, JOB_REFERENCE, shortId } from '../api/job-reference.ts';
import { COMPARE_JOBS } from '../api/operations/jobs.ts';
import { EXIT } from '../exit-code.ts';
import { addFilterFlags, type FilterFlags, readFilter } from '../flags/job-filter.ts';
import type { CompareJobsQuery, JobFilter, JobOrder } from '../graphql/graphql.ts';
import { jobTable } from '../job-table/job-table.ts';
import type { Screen } from '../terminal/screen.ts';
import { alignColumns, shorten, wrapLastColumn } from '../terminal/table.ts';
import { textWidth } from '../terminal/text-width.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface CompareFlags extends CommonFlags, FilterFlags {}
type ComparedJob = CompareJobsQuery['jobs']['edges'][number]['node'];

const MAX_COMPARED = 50;
const MAX_NAME_WIDTH = 24;

/** `trainyard compare` */
export const addCompare: AddCommand = (program, run) => {
  addFilterFlags(
    program
      .command('compare')
      .description('compare jobs: their scores next to the baselines, and the settings in which they differ')
      .argument('[job...]', JOB_REFERENCE),
  )
    .addHelpText(
      'after',
      examples(
        ['trainyard compare @1 @2', 'the newest two jobs'],
        ['trainyard compare --tag sweep', 'the jobs with this tag, best score first'],
        ['trainyard compare @1 @2 --json', 'all scores and settings, for scripts'],
      ),
    )
    .action(run(compare));
};

const compare: Action<CompareFlags, [references: readonly string[]]> = async (context, flags, references) => {
  const { screen } = context;
  const filter = readFilter(flags);
  if (references.length > 0 && filter !== null) {
    throw new UsageError('Name the jobs to compare, or select them with flags, not both.');
  }
  if (filter === null && references.length < 2) {
    throw new UsageError('Name at least two jobs to compare, or select them with a flag such as --tag sweep.');
  }
  if (references.length > MAX_COMPARED) throw new UsageError(`At most ${MAX_COMPARED} jobs can be compared.`);
  const api = apiFor(flags, context);
  const { jobs, total } =
    filter === null
      ? await readNamed(api, references)
      : await readJobs(api, filter, { field: 'SCORE', direction: 'DESC' });
  if (flags.json === true) screen.print(JSON.stringify({ jobs, differences: differingSettings(jobs) }, null, 2));
  else if (jobs.length === 0) screen.print('No job matches.');
  else {
    for (const line of comparison(jobs, screen)) screen.print(line);
    if (jobs.length < total) screen.print(screen.style('dim', `The best ${jobs.length} of ${total} jobs.`));
  }
  return EXIT.SUCCESS;
};

/** The jobs in the order of their references. */
async function readNamed(api: Api, references: readonly string[]) {
  const ids = [...new Set(await Promise.all(references.map((reference) => findJobId(api, reference))))];
  const { jobs } = await readJobs(api, { ids }, null);
  const named = ids.map((id) => {
    const job = jobs.find((each) => each.id === id);
    if (job === undefined) {
      throw new ApiError(`There is no job ${id}. \`trainyard jobs\` lists all jobs.`, 'JobNotFoundError');
    }
    return job;
  });
  return { jobs: named, total: named.length };
}

async function readJobs(api: Api, filter: JobFilter, orderBy: JobOrder | null) {
  const { jobs } = await api.request(COMPARE_JOBS, { first: MAX_COMPARED, filter, orderBy });
  return { jobs: jobs.edges.map(({ node }) => node), total: jobs.totalCount };
}

/** The job table, and below it the settings that are not the same for all jobs. */
function comparison(jobs: readonly ComparedJob[], screen: Screen): string[] {
  const differences = differingSettings(jobs);
  const lines = jobTable(jobs, screen);
  if (differences.length === 0) return jobs.length > 1 ? [...lines, '', 'All settings are the same.'] : lines;
  const labels = labelJobs(
    jobs.map(({ id, name }) => ({
      id,
      name: shorten(name?.replace(/\s+/g, ' ') ?? shortId(id), MAX_NAME_WIDTH),
    })),
  );
  const valuesOf = (index: number) => differences.map(({ values }) => values[index] || 'default');
  const head = ['NAME', ...differences.map(({ name }) => name)].map((name) => screen.style('dim', name));
  const table = alignColumns([head, ...labels.map((label, index) => [label, ...valuesOf(index)])]);
  if (!screen.interactive || table.every((line) => textWidth(line) < screen.columns)) return [...lines, '', ...table];
  const texts = labels.map((label, index) => [
    label,
    valuesOf(index)
      .map((value, setting) => `${differences[setting]?.name ?? ''} ${value}`)
      .join('; '),
  ]);
  return [...lines, '', screen.style('dim', 'Different settings:'), ...wrapLastColumn(texts, screen)];
}
