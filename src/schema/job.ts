import { findJob } from '../resolvers/find-job.ts';
import { queuePosition } from '../resolvers/queue-position.ts';
import type { BestValue, Job } from '../runner/index.ts';
import { builder } from './builder.ts';
import { BackendEnum, HealthEnum, JobStatusEnum } from './job-enums.ts';

const BestValueRef = builder.objectRef<BestValue & { readonly name: string }>('BestValue').implement({
  description: 'The best value of a metric: the highest where its name says that more is better, else the lowest.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the trainer reported it.' }),
    value: t.exposeFloat('value', { description: 'The value.' }),
    step: t.expose('step', { type: 'SafeInt', description: 'Optimizer steps done when it was reported.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was reported.' }),
  }),
});

/** A job; what it trained, printed and reported is added to it by the files of those concepts. */
export const JobRef = builder.objectRef<Job>('Job');

builder.node(JobRef, {
  description: 'One request to train a model, and everything that became of it.',
  id: { description: 'For example `job_1760320883609_3f7c2d2a`.', resolve: (job) => job.id },
  loadWithoutCache: (id, context) => findJob(context, id),
  // A job is immutable, so it must not be branded with its type; it is told by what only it has.
  brandLoadedObjects: false,
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'request' in value,
  fields: (t) => ({
    name: t.string({ nullable: true, description: 'What it is called.', resolve: (job) => job.request.name }),
    tags: t.stringList({ description: 'Words to find it by.', resolve: (job) => [...job.request.tags] }),
    notes: t.exposeString('notes', { description: 'What somebody wrote about it, Markdown; empty when nobody did.' }),
    status: t.field({
      type: JobStatusEnum,
      description: 'Where it is in its life.',
      resolve: (job) => job.state.status,
    }),
    health: t.expose('health', { type: HealthEnum, description: 'Whether it still reports.' }),
    trainer: t.string({ description: 'The name of its trainer.', resolve: (job) => job.request.trainer }),
    backend: t.field({
      type: BackendEnum,
      description: 'The backend that was asked for; `simulation` tells what came of AUTO.',
      resolve: (job) => job.request.backend,
    }),
    simulation: t.exposeBoolean('simulation', {
      description: 'True when no model is trained: the numbers are made up.',
    }),
    dataset: t.string({
      description: 'The file that it trains on, relative to the datasets folder.',
      resolve: (job) => job.request.dataset,
    }),
    epochs: t.int({ description: 'Passes over the training data.', resolve: (job) => job.request.epochs }),
    batchSize: t.int({ description: 'Rows per optimizer step.', resolve: (job) => job.request.batchSize }),
    learningRate: t.float({
      description: "The optimizer's learning rate.",
      resolve: (job) => job.request.learningRate,
    }),
    seed: t.int({
      description: 'Seeds everything random: the same seed gives the same numbers.',
      resolve: (job) => job.request.seed,
    }),
    options: t.field({
      type: 'JSON',
      description: "The trainer's own options, as given at the start.",
      resolve: (job) => job.request.options,
    }),
    best: t.field({
      type: [BestValueRef],
      description: 'The best value of each metric so far.',
      args: { names: t.arg.stringList({ description: 'Only these metrics; default all.' }) },
      resolve: ({ best }, { names }) =>
        Object.entries(best)
          .filter(([name]) => names?.includes(name) ?? true)
          .map(([name, value]) => ({ name, ...value })),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was recorded.' }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its process was started; null before.',
      resolve: ({ state }) => ('startedAt' in state ? state.startedAt : null),
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null before.',
      resolve: ({ state }) => ('finishedAt' in state ? state.finishedAt : null),
    }),
    queuePosition: t.int({
      nullable: true,
      description: 'Its place in the queue, from 1; null when it is not waiting.',
      resolve: (job, _args, context) => queuePosition(context, job),
    }),
    pid: t.int({
      nullable: true,
      description: "The trainer's process id; null before there is one.",
      resolve: (job, _args, { runner }) => runner.attempt(job)?.pid ?? null,
    }),
    priority: t.int({ description: 'A higher one starts first.', resolve: (job) => job.request.priority }),
    gpus: t.int({
      nullable: true,
      description: 'How many GPUs it wants to itself; null when it shares whatever there is.',
      resolve: (job) => job.request.gpus,
    }),
    gpuDevices: t.stringList({
      description: 'The GPUs that it has, or had, to itself, as CUDA_VISIBLE_DEVICES names them.',
      resolve: (job, _args, { runner }) => [...(runner.attempt(job)?.gpuDevices ?? [])],
    }),
    retryAt: t.expose('retryAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it will be started again by itself after its failure; null when it will not.',
    }),
    attempt: t.exposeInt('attempt', { description: 'Which run of its process this is, from 1.' }),
  }),
});

builder.queryField('job', (t) =>
  t.field({
    type: JobRef,
    nullable: true,
    description: 'One job; null when none has this id.',
    args: { id: t.arg.id({ required: true, description: 'The id of the job.' }) },
    resolve: (_root, { id }, context) => findJob(context, id),
  }),
);
