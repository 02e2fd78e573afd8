import { hasEnded } from '../../client/job-progress.ts';
import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { shortId } from '../api/job-reference.ts';
import { FOLLOW_LOG } from '../api/operations/job-files.ts';
import { RESULT, WATCH } from '../api/operations/jobs.ts';
import { READ_METRICS } from '../api/operations/metrics.ts';
import { commandName } from '../command-name.ts';
import { EXIT } from '../exit-code.ts';
import type { JobResultFragment, ProgressMessageFragment } from '../graphql/graphql.ts';
import { formatBytes } from '../terminal/format.ts';
import type { Screen } from '../terminal/screen.ts';
import { describeResult } from '../terminal/score.ts';
import { describeStop } from '../terminal/stop-outcome.ts';
import { createTrainingView, type LogOutput, type TrainingView } from '../training-view.ts';
import { type CommandContext, type CommonFlags, apiFor } from './context.ts';

/** Points of earlier losses in the curve. */
const HISTORY_POINTS = 400;

export interface FollowOptions {
  readonly id: string;
  readonly flags: CommonFlags;
  /** The last known progress: shown at once; the subscription continues after it. */
  readonly first?: ProgressMessageFragment;
  /** The part of the log to show: all lines, the newest lines within the live view of a terminal, or none (default). */
  readonly log?: LogOutput | 'NONE';
}

/**
 * Follows a job until it ends: a live view on a terminal, plain lines elsewhere, one JSON object per message with `--json`.
 * @returns the exit code for the final status
 * @throws ApiError, and `signal.reason` after printing that the job continues
 */
export async function followJob(
  { id, flags, first, log = 'NONE' }: FollowOptions,
  context: CommandContext,
): Promise<number> {
  const { screen, signal } = context;
  if (flags.json === true) return followAsJson(apiFor(flags, context), { id, first }, screen);

  const api = apiFor(flags, context, (state) => view.connection(state));
  // Requested before anything is drawn: it fails when the job does not exist, or no server responds.
  const history = await readLosses(api, id);
  using view = createTrainingView(screen, { history, ...(log === 'NONE' ? {} : { log }) });
  const ended = new AbortController();
  const logEnd = log === 'NONE' ? Promise.resolve() : showLog(id, flags, context, { view, ended: ended.signal });
  // The awaits below handle its failure.
  logEnd.catch(() => undefined);
  try {
    let last = first;
    if (first !== undefined) view.show(first);
    for await (const { jobProgress } of api.subscribe(WATCH, { id, after: first?.cursor ?? null })) {
      // Print the last log lines before the final status.
      if (hasEnded(jobProgress.status)) await logEnd;
      view.show(jobProgress);
      last = jobProgress;
    }
    if (last === undefined) throw new ApiError(`The server sent no updates for job ${id}.`, null);
  } catch (error) {
    ended.abort(error);
    await logEnd.catch(() => undefined);
    if (signal.aborted) printStillRunning(id, screen);
    throw error;
  }
  const { job } = await api.request(RESULT, { id });
  if (job === null) throw new ApiError(`Job ${id} has been deleted.`, 'JobNotFoundError');
  showResult(job, screen);
  return exitCodeFor(job.status);
}

/** Suggests commands for a job, each on its own line for copying. */
export function printCommands(id: string, names: readonly (keyof typeof COMMAND_PURPOSES)[], screen: Screen): void {
  for (const name of names) {
    screen.print(`${COMMAND_PURPOSES[name].padEnd(12)} ${commandName(process.env)} ${name} ${shortId(id)}`);
  }
}

const COMMAND_PURPOSES = {
  watch: 'To watch it:',
  stop: 'To stop it:',
  logs: 'To see its log:',
  evaluation: 'For details:',
} as const;

/** The exit code for the final status of a job. */
function exitCodeFor(status: JobResultFragment['status']): number {
  switch (status) {
    case 'ERROR':
      return EXIT.JOB_FAILED;
    case 'STOPPED':
      return EXIT.JOB_STOPPED;
    default:
      return EXIT.SUCCESS;
  }
}

async function followAsJson(
  api: Api,
  { id, first }: { id: string; first: ProgressMessageFragment | undefined },
  screen: Screen,
): Promise<number> {
  let status = first?.status ?? 'QUEUED';
  const show = (message: ProgressMessageFragment) => {
    status = message.status;
    screen.print(JSON.stringify({ jobId: id, ...message }));
  };
  if (first !== undefined) show(first);
  else await readLosses(api, id);
  for await (const { jobProgress } of api.subscribe(WATCH, { id, after: first?.cursor ?? null })) show(jobProgress);
  return exitCodeFor(status);
}

async function readLosses(api: Api, id: string): Promise<readonly number[]> {
  const { job } = await api.request(READ_METRICS, { id, names: ['loss'], maxPoints: HISTORY_POINTS });
  if (job === null)
    throw new ApiError(`Job ${id} does not exist. \`trainyard jobs\` lists all jobs.`, 'JobNotFoundError');
  return job.metrics[0]?.points.flatMap(({ value }) => value ?? []) ?? [];
}

async function showLog(
  id: string,
  flags: CommonFlags,
  context: CommandContext,
  { view, ended }: { view: TrainingView; ended: AbortSignal },
): Promise<void> {
  const api = apiFor(flags, { ...context, signal: AbortSignal.any([context.signal, ended]) });
  for await (const { jobLog } of api.subscribe(FOLLOW_LOG, { id, last: 10 })) {
    for (const { text } of jobLog.lines) view.showLine(text);
  }
}

function printStillRunning(id: string, screen: Screen): void {
  screen.clear();
  screen.print(`Job ${id} continues to run.`);
  printCommands(id, ['watch', 'stop'], screen);
}

function showResult(job: JobResultFragment, screen: Screen): void {
  const { id, checkpoint, failure, simulation, stop, finishedAt, evaluation } = job;
  const stopped = describeStop(stop, finishedAt);
  if (stopped !== null) screen.paragraph(screen.style('yellow', stopped));
  if (failure !== null) {
    screen.paragraph(screen.style('red', `The training failed (${failure.reason}): ${failure.message}`));
    printCommands(id, ['logs'], screen);
  }
  if (simulation) {
    screen.paragraph(screen.style('yellow', 'This was a simulation: the metrics are not real, and there is no model.'));
    return;
  }
  for (const line of describeResult(job, screen)) screen.paragraph(line);
  if (evaluation !== null) printCommands(id, ['evaluation'], screen);
  if (checkpoint === null) return;
  const { path, safetensorsPath } = checkpoint;
  const safetensors = safetensorsPath === null || safetensorsPath === path ? '' : ` and ${safetensorsPath}`;
  screen.paragraph(`Model in the server's home: ${path} (${formatBytes(checkpoint.bytes)})${safetensors}.`);
}
