import { readProgress } from '../resolvers/read-progress.ts';
import { watchJob } from '../resolvers/watch-job.ts';
import type { JobEvent } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

const JobProgressRef = builder.objectRef<JobEvent>('JobProgress').implement({
  description: "One message of a job's live feed: its status, and its numbers at that time.",
  fields: (t) => ({
    jobId: t.id({ description: 'The id of the job.', resolve: ({ job }) => job.id }),
    cursor: t.exposeString('cursor', {
      description: 'Hand it back as `after` to go on from here, also after a restart of the server.',
    }),
    gap: t.exposeBoolean('gap', {
      description: 'True when `after` could not be honoured, so that this is a fresh snapshot.',
    }),
    status: t.expose('status', {
      type: JobStatusEnum,
      description: 'The status that this message tells of; `job.status` may already be further.',
    }),
    percent: t.float({
      description: 'How far the training is, 0 to 100.',
      resolve: ({ progress }) => progress.percent,
    }),
    epoch: t.field({
      type: 'SafeInt',
      description: 'The pass over the training data under way, from 1; 0 before the first.',
      resolve: ({ progress }) => progress.epoch,
    }),
    epochs: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'How many passes there will be at most.',
      resolve: ({ progress }) => progress.epochs,
    }),
    step: t.field({ type: 'SafeInt', description: 'Optimizer steps done.', resolve: ({ progress }) => progress.step }),
    totalSteps: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'How many optimizer steps there will be at most; null when that is not known.',
      resolve: ({ progress }) => progress.totalSteps,
    }),
    loss: t.float({
      nullable: true,
      description: 'Newest training loss; null before the first, and where it is not a finite number.',
      resolve: ({ progress }) => progress.loss,
    }),
    metrics: t.field({
      type: 'JSON',
      description: 'Newest value of each metric by name, for example `{"loss": 0.12, "val_loss": 0.2}`.',
      resolve: ({ progress }) => progress.metrics,
    }),
    message: t.string({
      nullable: true,
      description: 'What the trainer says that it is doing.',
      resolve: ({ progress }) => progress.message,
    }),
    samplesPerSecond: t.float({
      nullable: true,
      description: 'Rows trained on a second.',
      resolve: ({ progress }) => progress.samplesPerSecond,
    }),
    etaSeconds: t.float({
      nullable: true,
      description: 'Seconds until the end, estimated.',
      resolve: ({ progress }) => progress.etaSeconds,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When these numbers were written.',
      resolve: ({ progress }) => progress.updatedAt,
    }),
    job: t.expose('job', { type: JobRef, description: 'The job as it is now.' }),
  }),
});

builder.objectField(JobRef, 'progress', (t) =>
  t.field({
    type: JobProgressRef,
    description: 'Its newest numbers.',
    resolve: (job, _args, context) => readProgress(context, job),
  }),
);

builder.subscriptionField('jobProgress', (t) =>
  t.field({
    type: JobProgressRef,
    description:
      'The live feed of one job: first a snapshot, then every later state. Progress may be merged for a slow reader, a change of status never. The final status arrives exactly once, then the stream completes. An unknown id is an error with `extensions.code` JOB_NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the job.' }),
      after: t.arg.string({
        description: 'The `cursor` of the last message that was received: goes on from there, without gap or repeat.',
      }),
    },
    subscribe: (_root, args, context) => watchJob(context, args),
    resolve: (event) => event,
  }),
);
