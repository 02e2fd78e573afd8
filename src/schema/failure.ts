import type { JobFailure } from '../runner/index.ts';
import { builder } from './builder.ts';
import { FailureReasonEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

const JobFailureRef = builder.objectRef<JobFailure>('JobFailure').implement({
  description: 'Failure of a job in status ERROR.',
  fields: (t) => ({
    reason: t.expose('reason', { type: FailureReasonEnum, description: 'Kind of failure.' }),
    message: t.exposeString('message', {
      description: 'Human-readable message that says what happened and what to do.',
    }),
    exitCode: t.exposeInt('exitCode', {
      nullable: true,
      description: 'Exit code of the process; null if a signal ended it or the code is unknown.',
    }),
    signal: t.exposeString('signal', {
      nullable: true,
      description: 'Signal that ended the process, for example `SIGKILL`; null if none did.',
    }),
    peakMemoryBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Peak memory use in bytes, as `Job.peakMemoryBytes`; null if not measured.',
      resolve: (failure) => failure.peakMemoryBytes,
    }),
    lastLogLines: t.stringList({
      description: 'Last log lines, oldest first; at most 20.',
      resolve: (failure) => [...failure.lastLogLines],
    }),
  }),
});

builder.objectField(JobRef, 'failure', (t) =>
  t.field({
    type: JobFailureRef,
    nullable: true,
    description: 'Failure of the job; null unless the status is ERROR.',
    resolve: ({ state }) => (state.status === 'ERROR' ? state.failure : null),
  }),
);
