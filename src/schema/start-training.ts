import { startTraining } from '../resolvers/start-training.ts';
import {
  DatasetNotFoundError,
  IdempotencyConflictError,
  InvalidInputError,
  QueueFullError,
  TrainerUnavailableError,
} from '../runner/index.ts';
import { builder } from './builder.ts';
import { EXCLUSIVE } from './exclusive.ts';
import { BackendEnum, FailureReasonEnum } from './job-enums.ts';
import { DependencyConditionEnum } from './job-queue.ts';
import { JobRef } from './job.ts';
import { ResourcesInput } from './resources.ts';

const RetryInput = builder.inputType('RetryInput', {
  description: 'Automatic retry policy for failures. A stopped job is never retried.',
  fields: (t) => ({
    limit: t.int({ required: true, description: 'Maximum number of retries, 0 to 100.' }),
    on: t.field({
      type: [FailureReasonEnum],
      description: 'Failure reasons to retry; default: all except INVALID_DATASET, TRAINER_ERROR and TIME_LIMIT.',
    }),
    backoffSeconds: t.float({
      description: 'Seconds to wait before the first retry, default 10; doubles for each further retry.',
    }),
  }),
});

const DependencyInput = builder.inputType('DependencyInput', {
  description: 'A job after which a new one starts. Give either `id` or `index`.',
  fields: (t) => ({
    id: t.id({ description: 'Id of the job to wait for.' }),
    index: t.int({
      description:
        'In `startTrainings`: position in `inputs`, from 0, of the job to wait for. It must be an earlier one, so that no jobs can wait for each other.',
    }),
    when: t.field({
      type: DependencyConditionEnum,
      required: true,
      defaultValue: 'AFTER_OK',
      description: 'Condition on that job.',
    }),
  }),
});

export const StartTrainingInput = builder.inputType('StartTrainingInput', {
  description: 'Input of `startTraining`. Omitted fields get the defaults of the trainer.',
  fields: (t) => ({
    name: t.string({ description: 'Display name.' }),
    tags: t.stringList({ description: 'Tags for finding the job.' }),
    trainer: t.string({ defaultValue: 'tabular', description: 'Name of the trainer; `trainers` lists them.' }),
    backend: t.field({ type: BackendEnum, defaultValue: 'AUTO', description: 'Compute backend.' }),
    dataset: t.string({
      description:
        'Dataset: path relative to the datasets folder; `datasets` lists them. Default: the bundled sample for shipped trainers, none for scripts.',
    }),
    epochs: t.int({ description: 'Number of epochs.' }),
    batchSize: t.int({
      description: 'Batch size: rows per optimizer step. Default of `tabular`: by the number of rows.',
    }),
    learningRate: t.float({ description: 'Learning rate of the optimizer.' }),
    seed: t.int({ description: 'Random seed: the same seed gives the same results.' }),
    options: t.field({
      type: 'JSON',
      description: 'Trainer-specific options: an object that is valid under the JSON Schema in `Trainer.options`.',
    }),
    arguments: t.stringList({
      description:
        'Command-line arguments of a script. They follow those that `options` and the other fields add, and never pass through a shell.',
    }),
    processes: t.int({
      description: 'Number of processes that train together, started by torchrun; scripts only. Default: 1.',
    }),
    priority: t.int({
      description: 'Priority in the queue, -1000 to 1000; jobs with a higher priority start first. Default: 0.',
    }),
    dependsOn: t.field({
      type: [DependencyInput],
      description:
        'Jobs after which this one starts, at most 100. If a condition cannot be met any more, the job ends as STOPPED, and `stop { reason }` says why. Default: none.',
    }),
    group: t.string({
      description:
        'Group of the job: 1 to 64 letters, digits, dots, hyphens and underscores. A group can have a limit (`setGroupLimit`) and be paused (`pauseQueue`). Default: none.',
    }),
    notBefore: t.field({
      type: 'DateTime',
      description: 'Earliest time of the start. Default: as soon as possible.',
    }),
    gpus: t.int({
      description:
        'Number of GPUs to reserve for the job (CUDA_VISIBLE_DEVICES); 0 hides all GPUs. Default: none reserved, all visible.',
    }),
    resources: t.field({
      type: ResourcesInput,
      description: 'CPUs, memory, nodes and more. Default: those of the machine or the cluster.',
    }),
    retry: t.field({ type: RetryInput, description: 'Automatic retry policy; default: no retries.' }),
    timeLimitSeconds: t.float({
      description:
        'Maximum duration of an attempt in seconds; the attempt is then stopped and saves a checkpoint. Default: no limit.',
    }),
    stallLimitSeconds: t.float({
      description: 'Maximum time without a report in seconds; the attempt is then stopped. Default: no limit.',
    }),
    idempotencyKey: t.string({
      description:
        'Idempotency key: a second start with the same key returns the first job instead of starting another.',
    }),
  }),
});

/** The errors of a start. */
export const START_ERRORS = [
  InvalidInputError,
  DatasetNotFoundError,
  TrainerUnavailableError,
  QueueFullError,
  IdempotencyConflictError,
] as const;

builder.mutationField('startTraining', (t) =>
  t.field({
    type: JobRef,
    description: 'Creates a job and starts it when a slot is free.',
    args: { input: t.arg({ type: StartTrainingInput, required: true, description: 'Training to start.' }) },
    authScopes: { operator: true },
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [...START_ERRORS],
      result: { name: 'StartTrainingSuccess', description: 'The job was created.' },
      union: { name: 'StartTrainingResult', description: 'Result of `startTraining`.' },
      dataField: { name: 'job', description: 'The job, which may be waiting or already running.' },
    },
    resolve: (_root, { input }, context) => startTraining(context, input),
  }),
);
