import { earlierSeconds } from '../resolvers/earlier-seconds.ts';
import { findJob } from '../resolvers/find-job.ts';
import { bestGoal } from '../runner/index.ts';
import type { BestValue, Goal, Job } from '../runner/index.ts';
import { builder } from './builder.ts';
import { BackendEnum, HealthEnum, JobStatusEnum, MetricGoalEnum } from './job-enums.ts';
import { ResourcesRef } from './resources.ts';

type NamedBestValue = BestValue & { readonly name: string; readonly goal: Goal };

/** The values of each job as a list: they do not change, and the direction of a metric takes a search in its name. */
const bestLists = new WeakMap<Job['best'], readonly NamedBestValue[]>();

function bestList(best: Job['best']): readonly NamedBestValue[] {
  const list =
    bestLists.get(best) ??
    Object.entries(best).map(([name, value]) => ({ name, ...value, goal: bestGoal(name, value) }));
  bestLists.set(best, list);
  return list;
}

const BestValueRef = builder.objectRef<NamedBestValue>('BestValue').implement({
  description: 'Best value of a metric: its highest or lowest one (see `goal`).',
  fields: (t) => ({
    goal: t.expose('goal', {
      type: MetricGoalEnum,
      description:
        'Direction: the highest or the lowest value is the best, as the trainer defines it or as its name says.',
    }),
    name: t.exposeString('name', { description: 'Metric name as the trainer reports it.' }),
    value: t.exposeFloat('value', { description: 'Best value.' }),
    step: t.expose('step', {
      type: 'SafeInt',
      description: 'Number of optimizer steps completed when it was reported.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'Time when it was reported.' }),
  }),
});

/** A job; checkpoint.ts, failure.ts, job-progress.ts, job-queue.ts, log.ts and metrics.ts add their fields to it. */
export const JobRef = builder.objectRef<Job>('Job');

builder.node(JobRef, {
  description: 'A training job: the request to train a model and its outcome.',
  id: { description: 'Id of the job, for example `job_1760320883609_3f7c2d2a`.', resolve: (job) => job.id },
  loadWithoutCache: (id, context) => findJob(context, id),
  // A job is immutable, so Pothos must not brand it with its type; only jobs have a `request`.
  brandLoadedObjects: false,
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'request' in value,
  fields: (t) => ({
    name: t.string({ nullable: true, description: 'Display name.', resolve: (job) => job.request.name }),
    tags: t.stringList({
      description: 'Tags for finding the job.',
      resolve: ({ request }) => request.tags as string[],
    }),
    notes: t.exposeString('notes', { description: 'User notes in Markdown; empty by default.' }),
    status: t.field({
      type: JobStatusEnum,
      description: 'Status of the job.',
      resolve: (job) => job.state.status,
    }),
    health: t.expose('health', { type: HealthEnum, description: 'Health of the job: whether it still reports.' }),
    trainer: t.string({ description: 'Name of the trainer.', resolve: (job) => job.request.trainer }),
    backend: t.field({
      type: BackendEnum,
      description: 'Requested backend; for AUTO, `simulation` shows which one was chosen.',
      resolve: (job) => job.request.backend,
    }),
    simulation: t.exposeBoolean('simulation', {
      description: 'True if no model is trained and the numbers are synthetic.',
    }),
    dataset: t.string({
      nullable: true,
      description: 'Dataset: path relative to the datasets folder; null if the trainer gets none.',
      resolve: (job) => job.request.dataset,
    }),
    epochs: t.int({
      nullable: true,
      description: 'Number of epochs; null if the trainer has no such setting.',
      resolve: (job) => job.request.epochs,
    }),
    batchSize: t.int({
      nullable: true,
      description:
        'Batch size: rows per optimizer step; null if the trainer has no such setting, or chooses the value: `settings` has its choice.',
      resolve: (job) => job.request.batchSize,
    }),
    learningRate: t.float({
      nullable: true,
      description: 'Learning rate of the optimizer; null if the trainer has no such setting.',
      resolve: (job) => job.request.learningRate,
    }),
    seed: t.int({
      nullable: true,
      description:
        'Random seed: the same seed gives the same results; null if the trainer has no such setting, or chooses one.',
      resolve: (job) => job.request.seed,
    }),
    options: t.field({
      type: 'JSON',
      description: 'Trainer-specific options, as given at the start; `settings` has the others too.',
      resolve: (job) => job.request.options,
    }),
    arguments: t.stringList({
      description: 'Command-line arguments of a script, as given at the start.',
      resolve: (job) => [...job.request.arguments],
    }),
    processes: t.int({
      description: 'Number of processes that train together.',
      resolve: (job) => job.request.processes,
    }),
    best: t.field({
      type: [BestValueRef],
      description: 'Best value of each metric so far.',
      args: { names: t.arg.stringList({ description: 'Names of the metrics to return; default: all.' }) },
      resolve: ({ best }, { names }) => bestList(best).filter(({ name }) => names?.includes(name) ?? true),
    }),
    startedBy: t.exposeString('startedBy', {
      nullable: true,
      description: 'Name of the user who started the job; null if the server had no tokens.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Time when the job was created.' }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Time when the process of the current attempt started; null before.',
      resolve: ({ state }) => ('startedAt' in state ? state.startedAt : null),
    }),
    earlierSeconds: t.float({
      description:
        'Time that earlier attempts ran, seconds, without waiting in the queue; 0 for the first attempt. With the time since `startedAt` it is the duration of the job.',
      resolve: (job) => earlierSeconds(job),
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Time when the job ended; null before.',
      resolve: ({ state }) => ('finishedAt' in state ? state.finishedAt : null),
    }),
    pid: t.int({
      nullable: true,
      description: 'Process id of the trainer; null before it starts.',
      resolve: (job, _args, { runner }) => runner.attempt(job)?.pid ?? null,
    }),
    gpus: t.int({
      nullable: true,
      description: 'Number of GPUs reserved for the job; null if none are reserved and all are visible.',
      resolve: (job) => job.request.gpus,
    }),
    gpuDevices: t.stringList({
      description: 'GPUs that are or were reserved for the job, in CUDA_VISIBLE_DEVICES notation.',
      resolve: (job, _args, { runner }) => [...(runner.attempt(job)?.gpuDevices ?? [])],
    }),
    resources: t.field({
      type: ResourcesRef,
      nullable: true,
      description: 'Requirements on the machine; null if there are none.',
      resolve: (job) => job.request.resources ?? null,
    }),
    retryAt: t.expose('retryAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Time of the next automatic retry; null if none is scheduled.',
    }),
    peakMemoryBytes: t.expose('peakMemoryBytes', {
      type: 'SafeInt',
      nullable: true,
      description:
        'Peak memory use in bytes: that of the largest single process of the training, or, if it is higher, the sum over all its processes, which is measured every 10 s (`system/memory_bytes`). Null before it ends, or if not measured.',
    }),
    attempt: t.exposeInt('attempt', { description: 'Number of the current attempt, from 1.' }),
  }),
});

builder.queryField('job', (t) =>
  t.field({
    type: JobRef,
    nullable: true,
    description: 'Fetches one job; null if no job has this id.',
    args: { id: t.arg.id({ required: true, description: 'Id of the job.' }) },
    resolve: (_root, { id }, context) => findJob(context, id),
  }),
);
