import type { Home } from '../../home.ts';
import type { TrainingRequest } from '../../job/request.ts';
import type { SlurmHandle } from './handle.ts';

/** Slurm signals the batch step this long before the time limit, so that the trainer saves a checkpoint, seconds. */
const SIGNAL_BEFORE_LIMIT_SECONDS = 60;
/** At most this part of the time limit: with a minute before a limit of one minute, Slurm would signal a job as it starts. */
const SIGNAL_PART = 1 / 4;

/**
 * The options of `sbatch` for an attempt. Each is one argument, and none is text of a user.
 * @param folder working directory of the batch script, which every node has
 */
export function submitOptions({ name }: SlurmHandle, request: TrainingRequest, folder: string): string[] {
  return [
    `--job-name=${name}`,
    // If a submission arrives twice, the second waits for the end of the first, and then has nothing to do.
    '--dependency=singleton',
    // A further run is a new attempt, which the server starts.
    '--no-requeue',
    '--export=ALL',
    `--chdir=${folder}`,
    // The script appends to the log by itself: Slurm would expand a `%` in its path, and replace the file.
    '--output=/dev/null',
    `--signal=B:TERM@${signalSeconds(request)}`,
    ...resourceOptions(request),
  ];
}

function signalSeconds({ resources }: TrainingRequest): number {
  const minutes = limitMinutes(resources?.timeLimitSeconds);
  return minutes === null
    ? SIGNAL_BEFORE_LIMIT_SECONDS
    : Math.min(SIGNAL_BEFORE_LIMIT_SECONDS, minutes * 60 * SIGNAL_PART);
}

/** Slurm counts in minutes. Null without a limit. */
function limitMinutes(seconds: number | null | undefined): number | null {
  return seconds == null ? null : Math.ceil(seconds / 60);
}

function resourceOptions({ gpus, processes, resources }: TrainingRequest): string[] {
  const { cpus, memoryMb, gpuType, nodes, partition, account, qos, constraint, timeLimitSeconds } = resources ?? {};
  const option = (name: string, value: string | number | null | undefined) =>
    value == null ? [] : [`--${name}=${value}`];
  return [
    ...option('nodes', nodes ?? 1),
    // One task, of which the batch script starts the processes.
    ...option('ntasks-per-node', 1),
    // Without a number, Slurm gives one CPU: each process needs one.
    ...option('cpus-per-task', cpus ?? (processes > 1 ? processes : null)),
    ...option('mem', memoryMb == null ? null : `${memoryMb}M`),
    ...option('gpus-per-node', gpus ? (gpuType == null ? gpus : `${gpuType}:${gpus}`) : null),
    ...option('partition', partition),
    ...option('account', account),
    ...option('qos', qos),
    ...option('constraint', constraint),
    ...option('time', limitMinutes(timeLimitSeconds)),
  ];
}

/** The arguments of the batch script. */
export function scriptArguments({ jobId, attempt }: SlurmHandle, home: Home, python: string): string[] {
  return [home.log(jobId), python, home.root, jobId, String(attempt)];
}
