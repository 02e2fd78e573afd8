import { listTrainers } from '../resolvers/list-trainers.ts';
import type { TrainerDescription } from '../runner/index.ts';
import { builder } from './builder.ts';
import { BackendEnum } from './job-enums.ts';

const TrainerDefaultsRef = builder.objectRef<NonNullable<TrainerDescription['defaults']>>('TrainerDefaults').implement({
  description: 'Defaults of a trainer for fields omitted from StartTrainingInput.',
  fields: (t) => ({
    epochs: t.exposeInt('epochs', { description: 'Number of epochs.' }),
    batchSize: t.exposeInt('batchSize', { description: 'Batch size: rows per optimizer step.' }),
    learningRate: t.exposeFloat('learningRate', { description: 'Learning rate of the optimizer.' }),
    seed: t.exposeInt('seed', { description: 'Random seed.' }),
  }),
});

const TrainerRef = builder.objectRef<TrainerDescription>('Trainer').implement({
  description: 'A trainer: Python code that trains a model.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the trainer, as used in StartTrainingInput.' }),
    title: t.exposeString('title', { description: 'Display name.' }),
    description: t.exposeString('description', { description: 'Description of the model and the data it trains on.' }),
    available: t.exposeBoolean('available', { description: 'True if the trainer can run on this server.' }),
    unavailableReason: t.exposeString('unavailableReason', {
      nullable: true,
      description: 'Reason why the trainer cannot run on this server, and what to do; null if it can.',
    }),
    backends: t.field({
      type: [BackendEnum],
      description: 'Compute backends that are currently available on this server.',
      resolve: (trainer) => [...trainer.backends],
    }),
    defaults: t.expose('defaults', {
      type: TrainerDefaultsRef,
      nullable: true,
      description: 'Defaults for omitted fields; null if the trainer could not be queried.',
    }),
    options: t.expose('options', {
      type: 'JSON',
      description: 'JSON Schema of `StartTrainingInput.options`; empty if the trainer could not be queried.',
    }),
    versions: t.expose('versions', {
      type: 'JSON',
      description: 'Versions of Python and libraries, for example `{"python": "3.12.1", "torch": "2.13.0"}`.',
    }),
  }),
});

builder.queryField('trainers', (t) =>
  t.field({
    type: [TrainerRef],
    description: 'All trainers, including those that cannot run on this server.',
    complexity: { field: 10, multiplier: 5 },
    resolve: async (_root, _args, context) => [...(await listTrainers(context))],
  }),
);
