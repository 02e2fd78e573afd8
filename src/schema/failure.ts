import type { JobFailure } from '../runner/index.ts';
import { builder } from './builder.ts';
import { FailureReasonEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

const JobFailureRef = builder.objectRef<JobFailure>('JobFailure').implement({
  description: 'Why a job is in ERROR.',
  fields: (t) => ({
    reason: t.expose('reason', { type: FailureReasonEnum, description: 'The kind of failure.' }),
    message: t.exposeString('message', { description: 'A sentence that a person can act on.' }),
    exitCode: t.exposeInt('exitCode', {
      nullable: true,
      description: 'The exit code of its process; null when a signal ended it, or it is not known.',
    }),
    signal: t.exposeString('signal', {
      nullable: true,
      description: 'The signal that ended its process, for example `SIGKILL`.',
    }),
    peakMemoryBytes: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'The most memory that its process had in use, bytes; null when nobody measured it.',
      resolve: (failure) => failure.peakMemoryBytes,
    }),
    lastLogLines: t.stringList({
      description: 'The last lines that it printed, oldest first, at most 20.',
      resolve: (failure) => [...failure.lastLogLines],
    }),
  }),
});

builder.objectField(JobRef, 'failure', (t) =>
  t.field({
    type: JobFailureRef,
    nullable: true,
    description: 'Why it failed; null unless its status is ERROR.',
    resolve: ({ state }) => (state.status === 'ERROR' ? state.failure : null),
  }),
);
