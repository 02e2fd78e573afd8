import { createInterface } from 'node:readline/promises';
import { accepted } from '../api/accepted.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { COUNT_JOBS, DELETE } from '../api/operations.ts';
import { EXIT } from '../exit-code.ts';
import { addFilterFlags, type FilterFlags, readFilter } from '../flags/job-filter.ts';
import type { JobFilter } from '../graphql/graphql.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommandContext, type CommonFlags } from './context.ts';

interface DeleteFlags extends CommonFlags, FilterFlags {
  readonly yes?: boolean;
}

/** `trainyard delete` */
export const addDelete: AddCommand = (program, run) => {
  addFilterFlags(
    program
      .command('delete')
      .alias('rm')
      .description('delete jobs that have ended, with their models, metrics and logs')
      .argument('[job...]', JOB_REFERENCE),
  )
    .option('-y, --yes', 'do not ask first')
    .addHelpText(
      'after',
      examples(
        ['trainyard delete 3f7c2d2a', 'one job'],
        ['trainyard delete --status error,stopped --ended-before 30d', 'what failed long ago'],
      ),
    )
    .action(run(remove));
};

const remove: Action<DeleteFlags, [references: readonly string[]]> = async (context, flags, references) => {
  const { screen } = context;
  const conditions = readFilter(flags);
  if (references.length === 0 && conditions === null) {
    throw new UsageError('Name the jobs to delete, or say which with a flag such as --status stopped.');
  }
  const api = apiFor(flags, context);
  const ids = await Promise.all(references.map((reference) => findJobId(api, reference)));
  const filter: JobFilter = { ...conditions, ...(ids.length > 0 ? { ids } : {}) };
  if (conditions !== null && flags.yes !== true) {
    const { jobCounts } = await api.ask(COUNT_JOBS, { filter });
    const count = jobCounts.completed + jobCounts.stopped + jobCounts.error;
    if (
      count > 0 &&
      !(await confirm(`Delete ${count} job${count === 1 ? '' : 's'} with their models, metrics and logs?`, context))
    ) {
      screen.print('Nothing was deleted.');
      return EXIT.FAILED;
    }
  }
  const { deletedIds } = accepted((await api.ask(DELETE, { input: { filter } })).deleteJobs);
  if (flags.json === true) screen.print(JSON.stringify({ deletedIds }));
  else for (const id of deletedIds) screen.print(`${id} is deleted.`);
  // Somebody who names jobs wants them gone; one that still runs is not.
  const kept = ids.filter((id) => !deletedIds.includes(id));
  if (flags.json !== true) {
    const why = conditions === null ? 'It has not ended' : 'It has not ended, or the flags do not fit it';
    for (const id of kept) screen.print(`${id} is not deleted. ${why}.`);
    if (deletedIds.length + kept.length === 0) screen.print('Nothing was deleted: no job that has ended is like that.');
  }
  return kept.length === 0 ? EXIT.FINE : EXIT.FAILED;
};

async function confirm(question: string, { signal }: CommandContext): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`${question} Say so with --yes: there is nobody to ask.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
