import { type Backend, type FailureReason, type Health, STATUSES } from '../runner/index.ts';
import { builder } from './builder.ts';

const described = <Name extends string>(values: Record<Name, string>) =>
  Object.fromEntries(Object.entries<string>(values).map(([name, description]) => [name, { description }])) as Record<
    Name,
    { description: string }
  >;

export const JobStatusEnum = builder.enumType('JobStatus', {
  description: 'Where a job is in its life. COMPLETED, STOPPED and ERROR are final.',
  values: STATUSES,
});

export const HealthEnum = builder.enumType('Health', {
  description: 'Whether a living job still reports. Not a status: a stalled job is not a dead one.',
  values: described<Health>({
    OK: 'It reports, or has ended.',
    STALLED: 'Its process lives, and has not reported for a while.',
  }),
});

export const BackendEnum = builder.enumType('Backend', {
  description: 'What a trainer computes with.',
  values: described<Backend>({
    AUTO: 'PyTorch where it is installed; otherwise a simulation, which says so.',
    TORCH: 'PyTorch, or not at all.',
    SIMULATION: 'Made-up numbers and no model: for trying things out.',
  }),
});

export const FailureReasonEnum = builder.enumType('FailureReason', {
  description: 'Why a job failed.',
  values: described<FailureReason>({
    INVALID_DATASET: 'The data cannot be trained on; the message says which file, line and column.',
    TRAINER_ERROR: 'The training code raised an error.',
    EXIT_NONZERO: 'The process ended with an exit code other than 0.',
    SIGNAL: 'The process was killed by a signal.',
    OUT_OF_MEMORY: 'The process used more memory than there is.',
    SPAWN_FAILED: 'The process could not be started.',
    START_TIMEOUT: 'The process was started, and never reported.',
    TIME_LIMIT: 'The job ran longer than it may.',
    HOST_REBOOT: 'The machine was restarted while the job ran.',
    VANISHED: 'The process is gone, and nothing tells how it ended.',
  }),
});
