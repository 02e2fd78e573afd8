import { readProgress } from '../resolvers/read-progress.ts';
import { watchJob } from '../resolvers/watch-job.ts';
import type { JobEvent } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

const JobProgressRef = builder.objectRef<JobEvent>('JobProgress').implement({
  description: "One event of a job's live feed: its status and progress at that time.",
  fields: (t) => ({
    jobId: t.id({ description: 'The id of the job.', resolve: ({ job }) => job.id }),
    cursor: t.exposeString('cursor', {
      description: 'Cursor of this event: pass it as `after` to continue from here, even after a server restart.',
    }),
    gap: t.exposeBoolean('gap', {
      description: 'True if the feed could not continue from `after`; this event is then a new snapshot.',
    }),
    status: t.expose('status', {
      type: JobStatusEnum,
      description: 'Status at this event; `job.status` may already be newer.',
    }),
    percent: t.float({
      description: 'Progress of the training, 0 to 100.',
      resolve: ({ progress }) => progress.percent,
    }),
    epoch: t.field({
      type: 'SafeInt',
      description: 'Current epoch, counted from 1; 0 before the first.',
      resolve: ({ progress }) => progress.epoch,
    }),
    epochs: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Total number of epochs; training may end earlier. Null if unknown.',
      resolve: ({ progress }) => progress.epochs,
    }),
    step: t.field({
      type: 'SafeInt',
      description: 'Number of completed optimizer steps.',
      resolve: ({ progress }) => progress.step,
    }),
    totalSteps: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'Total number of optimizer steps; training may end earlier. Null if unknown.',
      resolve: ({ progress }) => progress.totalSteps,
    }),
    loss: t.float({
      nullable: true,
      description: 'Latest training loss; null before the first one, and if it is not a finite number.',
      resolve: ({ progress }) => progress.loss,
    }),
    metrics: t.field({
      type: 'JSON',
      description:
        'Latest value of each metric by name, for example `{"loss": 0.12, "val_loss": 0.2}`. Values that are not finite numbers are the texts "NaN", "Infinity" and "-Infinity".',
      resolve: ({ progress }) => progress.metrics,
    }),
    message: t.string({
      nullable: true,
      description: 'Latest message of the trainer.',
      resolve: ({ progress }) => progress.message,
    }),
    samplesPerSecond: t.float({
      nullable: true,
      description: 'Training throughput in rows per second.',
      resolve: ({ progress }) => progress.samplesPerSecond,
    }),
    etaSeconds: t.float({
      nullable: true,
      description: 'Estimated time until the end, in seconds.',
      resolve: ({ progress }) => progress.etaSeconds,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'Time when this progress was written.',
      resolve: ({ progress }) => progress.updatedAt,
    }),
    job: t.expose('job', { type: JobRef, description: 'Current state of the job.' }),
  }),
});

builder.objectField(JobRef, 'progress', (t) =>
  t.field({
    type: JobProgressRef,
    description: 'Latest progress of the job.',
    resolve: (job, _args, context) => readProgress(context, job),
  }),
);

builder.subscriptionField('jobProgress', (t) =>
  t.field({
    type: JobProgressRef,
    description:
      'Live feed of one job: first a snapshot, then every later state. For a slow reader, progress events may be merged, but status changes never are. The final status arrives exactly once; then the stream completes. An unknown id is an error with `extensions.code` JOB_NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the job.' }),
      after: t.arg.string({
        description: 'Cursor of the last event that was received: continues from there without gaps or repeats.',
      }),
    },
    subscribe: (_root, args, context) => watchJob(context, args),
    resolve: (event) => event,
  }),
);
