import { readCheckpoint } from '../resolvers/read-checkpoint.ts';
import type { Job, StopOutcome } from '../runner/index.ts';
import { builder } from './builder.ts';
import { CheckpointRef } from './checkpoint.ts';
import { JobRef } from './job.ts';

const StopOutcomeRef = builder.objectRef<StopOutcome & { readonly job: Job }>('StopOutcome').implement({
  description: 'Outcome of a stop.',
  fields: (t) => ({
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'Reason why the server stopped a job that could never start, for example because a job that it depends on failed; null if a user or a limit of the job requested the stop.',
    }),
    graceful: t.exposeBoolean('graceful', {
      description:
        'True if the training ended on its own, for example after it saved a checkpoint; false if it was killed or failed while it saved.',
    }),
    killedAfterSeconds: t.exposeFloat('killedAfterSeconds', {
      nullable: true,
      description:
        'Time from the request until the server killed the job, in seconds; null if the server did not kill it. Progress since `lastCheckpoint` is lost.',
    }),
    lastCheckpoint: t.field({
      type: CheckpointRef,
      nullable: true,
      description: 'Checkpoint that is left, with the time when it was saved; null if there is none.',
      complexity: 3,
      resolve: ({ job }, _args, context) => readCheckpoint(context, job),
    }),
  }),
});

builder.objectField(JobRef, 'stop', (t) =>
  t.field({
    type: StopOutcomeRef,
    nullable: true,
    description:
      'Outcome of the stop of the current attempt; null if no stop was requested, or if it is still in progress.',
    resolve: (job) => (job.stop === null ? null : { ...job.stop, job }),
  }),
);
