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
import { JobRef } from './job.ts';

const RetryInput = builder.inputType('RetryInput', {
  description: 'When to start again by itself after a failure. Never after somebody has stopped the job.',
  fields: (t) => ({
    limit: t.int({ required: true, description: 'How often at most, 0 to 100.' }),
    on: t.field({
      type: [FailureReasonEnum],
      description: 'After which failures; default all but INVALID_DATASET, TRAINER_ERROR and TIME_LIMIT.',
    }),
    backoffSeconds: t.float({
      description: 'How long to wait before the first retry, default 10; twice as long before each further one.',
    }),
  }),
});

const StartTrainingInput = builder.inputType('StartTrainingInput', {
  description: "What to train. What is left out gets the trainer's own sound default.",
  fields: (t) => ({
    name: t.string({ description: 'Any name, for people.' }),
    tags: t.stringList({ description: 'Any words to find the job again by.' }),
    trainer: t.string({ defaultValue: 'tabular', description: 'The name of a trainer; `trainers` lists them.' }),
    backend: t.field({ type: BackendEnum, defaultValue: 'AUTO', description: 'What to compute with.' }),
    dataset: t.string({
      description:
        'A file, relative to the datasets folder; `datasets` lists them. Default: the sample that is shipped.',
    }),
    epochs: t.int({ description: 'Passes over the training data.' }),
    batchSize: t.int({ description: 'Rows per optimizer step.' }),
    learningRate: t.float({ description: "The optimizer's learning rate." }),
    seed: t.int({ description: 'Seeds everything random: the same seed gives the same numbers.' }),
    options: t.field({
      type: 'JSON',
      description: "The trainer's own options: an object that its JSON Schema (`Trainer.options`) allows.",
    }),
    priority: t.int({ description: 'A job with a higher one starts first; -1000 to 1000, default 0.' }),
    gpus: t.int({
      description:
        'How many GPUs it gets to itself (CUDA_VISIBLE_DEVICES); 0 hides them all. Default: none is reserved, none hidden.',
    }),
    retry: t.field({ type: RetryInput, description: 'When to start again by itself after a failure; default never.' }),
    timeLimitSeconds: t.float({
      description: 'How long one attempt may take; then it is stopped, with its checkpoint saved. Default: no limit.',
    }),
    stallLimitSeconds: t.float({
      description: 'How long it may report nothing before it is stopped. Default: no limit.',
    }),
    idempotencyKey: t.string({
      description: 'Any text of your own: the same key again returns the same job instead of starting another.',
    }),
  }),
});

builder.mutationField('startTraining', (t) =>
  t.field({
    type: JobRef,
    description: 'Records a job, and starts it as soon as a slot is free.',
    args: { input: t.arg({ type: StartTrainingInput, required: true, description: 'What to train.' }) },
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [
        InvalidInputError,
        DatasetNotFoundError,
        TrainerUnavailableError,
        QueueFullError,
        IdempotencyConflictError,
      ],
      result: { name: 'StartTrainingSuccess', description: 'The job was recorded.' },
      union: { name: 'StartTrainingResult', description: 'The job, or why there is none.' },
      dataField: { name: 'job', description: 'The job, which may be waiting or already running.' },
    },
    resolve: (_root, { input }, context) => startTraining(context, input),
  }),
);
