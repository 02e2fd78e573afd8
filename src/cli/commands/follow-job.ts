import type { Api } from '../api/create-api.ts';
import { ApiError } from '../api/errors.ts';
import { FOLLOW_LOG, READ_METRICS, RESULT, WATCH } from '../api/operations.ts';
import { EXIT } from '../exit-code.ts';
import type { JobResultFragment, ProgressMessageFragment } from '../graphql/graphql.ts';
import { formatBytes } from '../terminal/format.ts';
import type { Screen } from '../terminal/screen.ts';
import { createTrainingView, isOver, type TrainingView } from '../training-view.ts';
import { type CommandContext, type CommonFlags, apiFor } from './context.ts';

/** The curve begins with so many points of what was before. */
const HISTORY_POINTS = 400;

export interface FollowOptions {
  readonly id: string;
  readonly flags: CommonFlags;
  /** What is known already: shown at once, and gone on from. */
  readonly first?: ProgressMessageFragment;
  /** Show what the job prints as well. */
  readonly log?: boolean;
}

/**
 * Shows a job to its end: a live picture on a terminal, lines elsewhere, one JSON object a message with `--json`.
 * @returns the exit code that tells how it ended
 * @throws ApiError, and `signal.reason` after having said that the job goes on
 */
export async function followJob(
  { id, flags, first, log = false }: FollowOptions,
  context: CommandContext,
): Promise<number> {
  const { screen, signal } = context;
  if (flags.json === true) return followAsJson(apiFor(flags, context), { id, first }, screen);

  const api = apiFor(flags, context, (state) => view.connection(state));
  // Asked for before anything is drawn: it also tells whether there is such a job, and a server.
  const history = await readLosses(api, id);
  using view = createTrainingView(screen, history);
  const over = new AbortController();
  const logged = log ? showLog(id, flags, context, { view, over: over.signal }) : Promise.resolve();
  // Its failure is told where it is waited for.
  logged.catch(() => undefined);
  try {
    let last = first;
    if (first !== undefined) view.show(first);
    for await (const { jobProgress } of api.follow(WATCH, { id, after: first?.cursor ?? null })) {
      // The last lines come before the last word.
      if (isOver(jobProgress.status)) await logged;
      view.show(jobProgress);
      last = jobProgress;
    }
    if (last === undefined) throw new ApiError(`The server told nothing of job ${id}.`, null);
  } catch (error) {
    over.abort(error);
    await logged.catch(() => undefined);
    if (signal.aborted) sayItGoesOn(id, screen);
    throw error;
  }
  const { job } = await api.ask(RESULT, { id });
  if (job === null) throw new ApiError(`Job ${id} has been deleted.`, 'JobNotFoundError');
  showResult(job, screen);
  return exitCodeOf(job.status);
}

/** The end of an id, which names the job as well. */
export function shortOf(id: string): string {
  return id.slice(id.lastIndexOf('_') + 1);
}

/** The exit code that tells how a job ended. */
export function exitCodeOf(status: JobResultFragment['status']): number {
  switch (status) {
    case 'ERROR':
      return EXIT.JOB_FAILED;
    case 'STOPPED':
      return EXIT.JOB_STOPPED;
    default:
      return EXIT.FINE;
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
  for await (const { jobProgress } of api.follow(WATCH, { id, after: first?.cursor ?? null })) show(jobProgress);
  return exitCodeOf(status);
}

async function readLosses(api: Api, id: string): Promise<readonly number[]> {
  const { job } = await api.ask(READ_METRICS, { id, names: ['loss'], maxPoints: HISTORY_POINTS });
  if (job === null)
    throw new ApiError(`The server does not know job ${id}. \`trainyard jobs\` lists them.`, 'JobNotFoundError');
  return job.metrics[0]?.points.flatMap(({ value }) => value ?? []) ?? [];
}

async function showLog(
  id: string,
  flags: CommonFlags,
  context: CommandContext,
  { view, over }: { view: TrainingView; over: AbortSignal },
): Promise<void> {
  const api = apiFor(flags, { ...context, signal: AbortSignal.any([context.signal, over]) });
  for await (const { jobLog } of api.follow(FOLLOW_LOG, { id, last: 10 })) {
    for (const { text } of jobLog.lines) view.showLine(text);
  }
}

function sayItGoesOn(id: string, screen: Screen): void {
  screen.clear();
  screen.print(`Job ${id} goes on.`);
  screen.print(`\`trainyard watch ${shortOf(id)}\` shows it again, \`trainyard stop ${shortOf(id)}\` ends it.`);
}

function showResult({ id, checkpoint, failure, simulation }: JobResultFragment, screen: Screen): void {
  if (failure !== null) {
    screen.print(screen.style('red', `The training failed (${failure.reason}): ${failure.message}`));
    screen.print(`\`trainyard logs ${shortOf(id)}\` shows what it printed.`);
  }
  if (simulation)
    screen.print(screen.style('yellow', 'This was a simulation: the numbers are made up and there is no model.'));
  else if (checkpoint !== null) {
    const beside = checkpoint.safetensorsPath === null ? '' : `, and beside it ${checkpoint.safetensorsPath}`;
    screen.print(`The model is ${checkpoint.path} (${formatBytes(checkpoint.bytes)})${beside}, in the server's home.`);
  }
}
