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
    .description('follow a job until it ends; Ctrl-C leaves the job running')
    .argument('<job>', JOB_REFERENCE)
    .option('--no-log', 'do not show the log; without this flag, a terminal shows its newest lines')
    .addHelpText(
      'after',
      examples(
        ['trainyard watch @last', 'the newest job'],
        ['trainyard watch 3f7c2d2a', 'a job by the end of its id'],
        ['trainyard watch @last --json | jq .loss', 'one JSON object per message'],
        ['trainyard watch @last && ./deploy.sh', 'deploy only when it is COMPLETED'],
      ),
    )
    .action(run(watch));
};

const watch: Action<WatchFlags, [reference: string]> = async (context, flags, reference) => {
  const id = await findJobId(apiFor(flags, context), reference);
  return followJob({ id, flags, log: flags.log === false ? 'NONE' : 'NEWEST' }, context);
};
