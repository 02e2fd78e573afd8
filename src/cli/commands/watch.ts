import { findJobId, JOB_REFERENCE } from '../api/job-reference.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';
import { followJob } from './follow-job.ts';

interface WatchFlags extends CommonFlags {
  /** False with `--no-log`. */
  readonly log?: boolean;
}

/** `trainyard watch` */
export const addWatch: AddCommand = (program, run) => {
  program
    .command('watch')
    .description('show a job live to its end; Ctrl-C leaves it running')
    .argument('<job>', JOB_REFERENCE)
    .option('--no-log', 'without the lines that it prints')
    .addHelpText(
      'after',
      examples(
        ['trainyard watch @last', 'the newest job'],
        ['trainyard watch 3f7c2d2a', 'by the end of its id'],
        ['trainyard watch @last --json | jq .loss', 'one JSON object a message'],
        ['trainyard watch @last && ./deploy.sh', 'only when it is COMPLETED'],
      ),
    )
    .action(run(watch));
};

const watch: Action<WatchFlags, [reference: string]> = async (context, flags, reference) => {
  const id = await findJobId(apiFor(flags, context), reference);
  return followJob({ id, flags, log: flags.log ?? true }, context);
};
