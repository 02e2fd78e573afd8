import { unwrapResult } from '../api/unwrap-result.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { RESUME } from '../api/operations/training.ts';
import { EXIT } from '../exit-code.ts';
import { readNumber } from '../flags/values.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';
import { followJob, printCommands } from './follow-job.ts';

interface ResumeFlags extends CommonFlags {
  readonly epochs?: number;
  readonly watch?: boolean;
}

/** `trainyard resume` */
export const addResume: AddCommand = (program, run) => {
  program
    .command('resume')
    .description('resume an ended job from its last checkpoint')
    .argument('<job>', JOB_REFERENCE)
    .option(
      '-e, --epochs <n>',
      'total number of epochs, including completed ones; required for a COMPLETED job',
      (text) => readNumber('--epochs', text, { whole: true }),
    )
    .option('-w, --watch', 'follow the job until it ends')
    .addHelpText(
      'after',
      examples(['trainyard resume @last --epochs 200 --watch', 'train to a total of 200 epochs, and watch']),
    )
    .action(run(resume));
};

const resume: Action<ResumeFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  const id = await findJobId(api, reference);
  const input = { id, ...(flags.epochs === undefined ? {} : { epochs: flags.epochs }) };
  const { job } = unwrapResult((await api.request(RESUME, { input })).resumeTraining);
  if (flags.watch === true) return followJob({ id, flags, first: job.progress, log: 'NEWEST' }, context);
  if (flags.json === true) screen.print(JSON.stringify(job));
  else {
    screen.print(`Resumed ${id}.`);
    printCommands(id, ['watch'], screen);
  }
  return EXIT.SUCCESS;
};
