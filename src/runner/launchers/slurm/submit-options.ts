import type { Home } from '../../home.ts';
import type { TrainingRequest } from '../../job/request.ts';
import type { SlurmHandle } from './handle.ts';

/** Slurm signals the batch step this long before the time limit, so that the trainer saves a checkpoint, seconds. */
const SIGNAL_BEFORE_LIMIT_SECONDS = 60;

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
    `--signal=B:TERM@${SIGNAL_BEFORE_LIMIT_SECONDS}`,
    ...(request.gpus ? [`--gpus-per-node=${request.gpus}`] : []),
  ];
}

/** The arguments of the batch script. */
export function scriptArguments({ jobId, attempt }: SlurmHandle, home: Home, python: string): string[] {
  return [home.log(jobId), python, home.root, jobId, String(attempt)];
}
