import { listTrainers } from '../resolvers/list-trainers.ts';
import type { TrainerDescription } from '../runner/index.ts';
import { builder } from './builder.ts';
import { BackendEnum } from './job-enums.ts';

const TrainerDefaultsRef = builder.objectRef<NonNullable<TrainerDescription['defaults']>>('TrainerDefaults').implement({
  description: 'What a trainer takes for what is left out of StartTrainingInput.',
  fields: (t) => ({
    epochs: t.exposeInt('epochs', { description: 'Passes over the training data.' }),
    batchSize: t.exposeInt('batchSize', { description: 'Rows per optimizer step.' }),
    learningRate: t.exposeFloat('learningRate', { description: "The optimizer's learning rate." }),
    seed: t.exposeInt('seed', { description: 'Seeds everything random.' }),
  }),
});

const TrainerRef = builder.objectRef<TrainerDescription>('Trainer').implement({
  description: 'Python code that trains.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What StartTrainingInput calls it.' }),
    title: t.exposeString('title', { description: 'Its name for people.' }),
    description: t.exposeString('description', { description: 'What it trains, and on what.' }),
    available: t.exposeBoolean('available', { description: 'Whether it can run here.' }),
    unavailableReason: t.exposeString('unavailableReason', {
      nullable: true,
      description: 'Why it cannot run here, as a sentence that says what to do; null when it can.',
    }),
    backends: t.field({
      type: [BackendEnum],
      description: 'What it can compute with here, now.',
      resolve: (trainer) => [...trainer.backends],
    }),
    defaults: t.expose('defaults', {
      type: TrainerDefaultsRef,
      nullable: true,
      description: 'What it takes for what is left out; null when its Python side could not be asked.',
    }),
    options: t.expose('options', {
      type: 'JSON',
      description: 'The JSON Schema of `StartTrainingInput.options`; empty when its Python side could not be asked.',
    }),
    versions: t.expose('versions', {
      type: 'JSON',
      description: 'Versions of what it runs on, for example `{"python": "3.12.1", "torch": "2.13.0"}`.',
    }),
  }),
});

builder.queryField('trainers', (t) =>
  t.field({
    type: [TrainerRef],
    description: 'Every trainer, also those that cannot run here.',
    complexity: { field: 10, multiplier: 5 },
    resolve: async (_root, _args, context) => [...(await listTrainers(context))],
  }),
);
