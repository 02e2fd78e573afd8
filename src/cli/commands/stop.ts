import { accepted } from '../api/accepted.ts';
import type { Api } from '../api/create-api.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { STOP, WATCH } from '../api/operations.ts';
import { EXIT } from '../exit-code.ts';
import { readDuration } from '../flags/values.ts';
import type { JobTableRowFragment } from '../graphql/graphql.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

interface StopFlags extends CommonFlags {
  readonly grace?: number;
  readonly wait?: boolean;
}

/** `trainyard stop` */
export const addStop: AddCommand = (program, run) => {
  program
    .command('stop')
    .description('ask jobs to save a checkpoint and end')
    .argument('<job...>', JOB_REFERENCE)
    .option('--grace <duration>', 'how long it may take before it is killed (default: 30s)', (text) =>
      readDuration('--grace', text),
    )
    .option('--wait', 'wait until it has ended')
    .addHelpText(
      'after',
      examples(
        ['trainyard stop @last', 'the newest job'],
        ['trainyard stop 3f7c2d2a 91b0c4de --wait', 'two of them, and wait for both'],
      ),
    )
    .action(run(stop));
};

const stop: Action<StopFlags, [references: readonly string[]]> = async (context, flags, references) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  // All are found before any is stopped: a typing error stops none.
  const ids = await Promise.all(references.map((reference) => findJobId(api, reference)));
  for (const id of ids) {
    const input = { id, ...(flags.grace === undefined ? {} : { graceSeconds: flags.grace }) };
    let { job } = accepted((await api.ask(STOP, { input })).stopTraining);
    if (flags.wait === true) job = { ...job, status: await waitForEnd(api, id) };
    if (flags.json === true) screen.print(JSON.stringify(job));
    else if (job.status === 'STOPPING') screen.print(`${id} saves a checkpoint and ends.`);
    else screen.print(`${id} is ${job.status}.`);
  }
  return EXIT.FINE;
};

async function waitForEnd(api: Api, id: string): Promise<JobTableRowFragment['status']> {
  let status: JobTableRowFragment['status'] = 'STOPPING';
  for await (const { jobProgress } of api.follow(WATCH, { id })) status = jobProgress.status;
  return status;
}
