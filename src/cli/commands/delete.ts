import type { Api } from '../api/create-api.ts';
import { unwrapResult } from '../api/unwrap-result.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { COUNT_JOBS, DELETE } from '../api/operations/jobs.ts';
import { EXIT } from '../exit-code.ts';
import { addFilterFlags, type FilterFlags, readFilter } from '../flags/job-filter.ts';
import type { JobFilter } from '../graphql/graphql.ts';
import type { Screen } from '../terminal/screen.ts';
import { confirm } from '../terminal/confirm.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface DeleteFlags extends CommonFlags, FilterFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `trainyard delete` */
export const addDelete: AddCommand = (program, run) => {
  addFilterFlags(
    program
      .command('delete')
      .alias('rm')
      .description('delete ended jobs with their models, metrics and logs')
      .argument('[job...]', JOB_REFERENCE),
  )
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'print the jobs that would be deleted, and delete nothing')
    .addHelpText(
      'after',
      examples(
        ['trainyard delete 3f7c2d2a', 'one job'],
        ['trainyard delete --status error,stopped --ended-before 30d', 'old jobs that failed or were stopped'],
        ['trainyard delete --tag sweep --dry-run', 'list the jobs that would be deleted'],
      ),
    )
    .action(run(remove));
};

const remove: Action<DeleteFlags, [references: readonly string[]]> = async (context, flags, references) => {
  const { screen } = context;
  const conditions = readFilter(flags);
  if (references.length === 0 && conditions === null) {
    throw new UsageError('Name the jobs to delete, or select them with a flag such as --status stopped.');
  }
  const api = apiFor(flags, context);
  const ids = await Promise.all(references.map((reference) => findJobId(api, reference)));
  const filter: JobFilter = { ...conditions, ...(ids.length > 0 ? { ids } : {}) };
  if (flags.dryRun === true) return preview(api, filter, ids, flags, screen);
  if (conditions !== null && flags.yes !== true) {
    const { jobCounts } = await api.request(COUNT_JOBS, { filter });
    const count = jobCounts.completed + jobCounts.stopped + jobCounts.error;
    if (
      count > 0 &&
      !(await confirm(`Delete ${count} job${count === 1 ? '' : 's'} with their models, metrics and logs?`, context))
    ) {
      screen.print('No jobs were deleted.');
      return EXIT.FAILED;
    }
  }
  const { deletedIds } = unwrapResult((await api.request(DELETE, { input: { filter } })).deleteJobs);
  if (flags.json === true) screen.print(JSON.stringify({ deletedIds }));
  else for (const id of deletedIds) screen.print(`Deleted ${id}.`);
  // The command fails when it could not delete a job that the user named.
  const kept = ids.filter((id) => !deletedIds.includes(id));
  if (flags.json !== true) {
    const reason =
      conditions === null ? 'the job has not ended' : 'the job has not ended, or the flags do not match it';
    for (const id of kept) screen.print(`Did not delete ${id}: ${reason}.`);
    if (deletedIds.length + kept.length === 0) screen.print('No jobs were deleted: no ended job matches.');
  }
  return kept.length === 0 ? EXIT.SUCCESS : EXIT.FAILED;
};

/** Prints the jobs that a deletion would delete. */
async function preview(
  api: Api,
  filter: JobFilter,
  named: readonly string[],
  flags: DeleteFlags,
  screen: Screen,
): Promise<number> {
  const { wouldDelete } = unwrapResult((await api.request(DELETE, { input: { filter, dryRun: true } })).deleteJobs);
  const { count, ids } = wouldDelete ?? { count: 0, ids: [] };
  // If the list is complete, a named job that is missing from it would not be deleted.
  const kept = count === ids.length ? named.filter((id) => !ids.includes(id)) : [];
  if (flags.json === true) screen.print(JSON.stringify({ wouldDelete: { count, ids } }));
  else {
    for (const id of ids) screen.print(`${id} would be deleted.`);
    if (count > ids.length) screen.print(`... and ${count - ids.length} more.`);
    for (const id of kept) screen.print(`${id} would not be deleted.`);
    screen.print(`Dry run: ${count === 1 ? '1 job' : `${count} jobs`} would be deleted.`);
  }
  return kept.length === 0 ? EXIT.SUCCESS : EXIT.FAILED;
}
