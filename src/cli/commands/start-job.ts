import type { Api } from '../api/create-api.ts';
import { START } from '../api/operations/training.ts';
import { unwrapResult } from '../api/unwrap-result.ts';
import { commandName } from '../command-name.ts';
import { EXIT } from '../exit-code.ts';
import type { StartTrainingInput } from '../graphql/graphql.ts';
import type { LogOutput } from '../training-view.ts';
import type { CommandContext, CommonFlags } from './context.ts';
import { followJob, printCommands } from './follow-job.ts';

/** The job to start, and the messages about it. */
export interface JobStart {
  readonly api: Api;
  readonly input: StartTrainingInput;
  readonly flags: CommonFlags;
  /** Whether to follow the job until it ends. */
  readonly watch: boolean;
  /** The part of the log of a followed job that a terminal shows. */
  readonly log: LogOutput;
  /** The line that announces a followed job. */
  readonly announce: (id: string) => string;
}

/**
 * Starts a job, and follows it or prints how to. Both `start` and `run` end with it.
 * @returns the exit code
 */
export async function startJob(
  { api, input, flags, watch, log, announce }: JobStart,
  context: CommandContext,
): Promise<number> {
  const { screen } = context;
  const response = await api.request(START, { input }).catch((error: unknown) => {
    if (context.signal.aborted) {
      console.error(`Interrupted. \`${commandName(context.environment)} jobs\` shows whether the job has started.`);
    }
    throw error;
  });
  const { job } = unwrapResult(response.startTraining);
  if (watch) {
    if (flags.json !== true) screen.print(announce(job.id));
    return followJob({ id: job.id, flags, first: job.progress, log }, context);
  }
  if (flags.json === true) screen.print(JSON.stringify(job));
  else {
    screen.print(`Started ${screen.style('bold', job.id)}.`);
    printCommands(job.id, ['watch', 'stop'], screen);
  }
  return EXIT.SUCCESS;
}
