import { type Backend, type FailureReason, type Goal, type Health, type NonFinite, STATUSES } from '../runner/index.ts';
import { builder } from './builder.ts';

const described = <Name extends string>(values: Record<Name, string>) =>
  Object.fromEntries(Object.entries<string>(values).map(([name, description]) => [name, { description }])) as Record<
    Name,
    { description: string }
  >;

export const JobStatusEnum = builder.enumType('JobStatus', {
  description: 'Status of a job. COMPLETED, STOPPED and ERROR are final.',
  values: STATUSES,
});

export const HealthEnum = builder.enumType('Health', {
  description:
    'Health of a job: whether an active job still reports. Independent of the status: the process of a stalled job is still alive.',
  values: described<Health>({
    OK: 'Reporting as expected, or ended.',
    STALLED: 'Process is alive but has not reported for some time.',
  }),
});

export const BackendEnum = builder.enumType('Backend', {
  description: 'Compute backend of a trainer.',
  values: described<Backend>({
    AUTO: 'PyTorch if it is installed, otherwise a simulation, which is marked as one.',
    TORCH: 'PyTorch; fails if it is not installed.',
    SIMULATION: 'Simulation: synthetic numbers and no model, for trying things out.',
  }),
});

export const FailureReasonEnum = builder.enumType('FailureReason', {
  description: 'Reason why a job failed.',
  values: described<FailureReason>({
    INVALID_DATASET: 'The dataset is not usable for training; the message gives the file, line and column.',
    TRAINER_ERROR: 'The training code raised an error.',
    EXIT_NONZERO: 'The process exited with a code other than 0.',
    SIGNAL: 'The process was killed by a signal.',
    OUT_OF_MEMORY: 'The process ran out of memory.',
    SPAWN_FAILED: 'The process could not be started.',
    START_TIMEOUT: 'The process started but never reported.',
    TIME_LIMIT: 'The job exceeded its time limit.',
    HOST_REBOOT: 'The machine restarted while the job was running.',
    VANISHED: 'The process disappeared without an exit record.',
    PREEMPTED: 'The workload manager took the resources for another job.',
    NODE_FAIL: 'The node of the cluster that ran the job failed.',
  }),
});

export const MetricGoalEnum = builder.enumType('MetricGoal', {
  description: 'Direction of a metric.',
  values: described<Goal>({
    MAX: 'The highest value is the best, as for an accuracy.',
    MIN: 'The lowest value is the best, as for a loss.',
  }),
});

export const NonFiniteEnum = builder.enumType('NonFinite', {
  description: 'A reported value that is not a finite number.',
  values: described<NonFinite>({
    NAN: 'Not a number. Older servers also recorded infinity as NAN.',
    POSITIVE_INFINITY: 'Infinity.',
    NEGATIVE_INFINITY: 'Negative infinity.',
  }),
});
