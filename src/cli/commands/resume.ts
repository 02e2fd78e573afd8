import { accepted } from '../api/accepted.ts';
import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { RESUME } from '../api/operations.ts';
import { EXIT } from '../exit-code.ts';
import { readNumber } from '../flags/values.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';
import { followJob, shortOf } from './follow-job.ts';

interface ResumeFlags extends CommonFlags {
  readonly epochs?: number;
  readonly watch?: boolean;
}

/** `trainyard resume` */
export const addResume: AddCommand = (program, run) => {
  program
    .command('resume')
    .description('go on with a job that has ended, from what it saved last')
    .argument('<job>', JOB_REFERENCE)
    .option('-e, --epochs <n>', 'passes in all, those done included; a COMPLETED job needs more', (text) =>
      readNumber('--epochs', text, { whole: true }),
    )
    .option('-w, --watch', 'show it to its end')
    .addHelpText('after', examples(['trainyard resume @last --epochs 200 --watch', 'up to 200 epochs, and look']))
    .action(run(resume));
};

const resume: Action<ResumeFlags, [reference: string]> = async (context, flags, reference) => {
  const { screen } = context;
  const api = apiFor(flags, context);
  const id = await findJobId(api, reference);
  const input = { id, ...(flags.epochs === undefined ? {} : { epochs: flags.epochs }) };
  const { job } = accepted((await api.ask(RESUME, { input })).resumeTraining);
  if (flags.watch === true) return followJob({ id, flags, first: job.progress, log: true }, context);
  if (flags.json === true) screen.print(JSON.stringify(job));
  else screen.print(`${id} goes on. \`trainyard watch ${shortOf(id)}\` shows it live.`);
  return EXIT.FINE;
};
