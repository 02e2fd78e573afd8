import { unwrapResult } from '../api/unwrap-result.ts';
import type { Api } from '../api/create-api.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { RESULT, WATCH } from '../api/operations/jobs.ts';
import { STOP } from '../api/operations/training.ts';
import { EXIT } from '../exit-code.ts';
import { readDuration } from '../flags/values.ts';
import type { JobResultFragment, JobTableRowFragment } from '../graphql/graphql.ts';
import { describeStop } from '../terminal/stop-outcome.ts';
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
    .description('stop jobs after they have saved a checkpoint')
    .argument('<job...>', JOB_REFERENCE)
    .option('--grace <duration>', 'time to save a checkpoint before the job is killed (default: 30s)', (text) =>
      readDuration('--grace', text),
    )
    .option('--wait', 'wait until the jobs have ended')
    .addHelpText(
      'after',
      examples(
        ['trainyard stop @last', 'the newest job'],
        ['trainyard stop 3f7c2d2a 91b0c4de --wait', 'stop two jobs and wait for both'],
      ),
    )
    .action(run(stop));
};

const stop: Action<StopFlags, [references: readonly string[]]> = async (context, flags, references) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  // Resolves all references before it stops a job: a typing error stops none.
  const ids = await Promise.all(references.map((reference) => findJobId(api, reference)));
  for (const id of ids) {
    const input = { id, ...(flags.grace === undefined ? {} : { graceSeconds: flags.grace }) };
    let { job } = unwrapResult((await api.request(STOP, { input })).stopTraining);
    let outcome: Pick<JobResultFragment, 'stop' | 'finishedAt'> = { stop: null, finishedAt: null };
    if (flags.wait === true) {
      job = { ...job, status: await waitForEnd(api, id) };
      const { job: ended } = await api.request(RESULT, { id });
      if (ended !== null) outcome = { stop: ended.stop, finishedAt: ended.finishedAt };
    }
    if (flags.json === true) screen.print(JSON.stringify(flags.wait === true ? { ...job, ...outcome } : job));
    else if (job.status === 'STOPPING') screen.print(`${id} is stopping: it saves a checkpoint and ends.`);
    else screen.print(`${id} is ${job.status}.`);
    const problem = describeStop(outcome.stop, outcome.finishedAt);
    if (problem !== null && flags.json !== true) screen.print(screen.style('yellow', problem));
  }
  return EXIT.SUCCESS;
};

async function waitForEnd(api: Api, id: string): Promise<JobTableRowFragment['status']> {
  let status: JobTableRowFragment['status'] = 'STOPPING';
  for await (const { jobProgress } of api.subscribe(WATCH, { id })) status = jobProgress.status;
  return status;
}
