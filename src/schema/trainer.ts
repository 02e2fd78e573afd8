import { listTrainers } from '../resolvers/list-trainers.ts';
import type { StandardSetting, TrainerDefaults, TrainerDescription, TrainerSource } from '../runner/index.ts';
import { builder } from './builder.ts';
import { BackendEnum } from './job-enums.ts';

const TrainerDefaultsRef = builder.objectRef<TrainerDefaults>('TrainerDefaults').implement({
  description: 'Defaults of a trainer for fields omitted from StartTrainingInput; null where it has none.',
  fields: (t) => ({
    epochs: t.exposeInt('epochs', { nullable: true, description: 'Number of epochs.' }),
    batchSize: t.exposeInt('batchSize', {
      nullable: true,
      description: 'Batch size: rows per optimizer step; null if the trainer chooses it by the number of rows.',
    }),
    learningRate: t.exposeFloat('learningRate', { nullable: true, description: 'Learning rate of the optimizer.' }),
    seed: t.exposeInt('seed', { nullable: true, description: 'Random seed.' }),
  }),
});

const TrainerSourceEnum = builder.enumType('TrainerSource', {
  description: 'Origin of a trainer.',
  values: {
    SHIPPED: { description: 'Part of Trainyard.' },
    FOLDER: { description: 'A script in the trainers folder of the server.' },
    PACKAGE: { description: 'A script of an installed Python package.' },
  } satisfies Record<TrainerSource, object>,
});

const StandardSettingEnum = builder.enumType('StandardSetting', {
  description: 'A field of StartTrainingInput that only some trainers accept.',
  values: {
    DATASET: { value: 'dataset', description: 'Field `dataset`.' },
    EPOCHS: { value: 'epochs', description: 'Field `epochs`.' },
    BATCH_SIZE: { value: 'batchSize', description: 'Field `batchSize`.' },
    LEARNING_RATE: { value: 'learningRate', description: 'Field `learningRate`.' },
    SEED: { value: 'seed', description: 'Field `seed`.' },
  } satisfies Record<string, { value: StandardSetting; description: string }>,
});

const TrainerRef = builder.objectRef<TrainerDescription>('Trainer').implement({
  description: 'A trainer: Python code that trains a model, shipped with Trainyard or a script of your own.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the trainer, as used in StartTrainingInput.' }),
    source: t.expose('source', { type: TrainerSourceEnum, description: 'Origin of the trainer.' }),
    title: t.exposeString('title', { description: 'Display name.' }),
    description: t.exposeString('description', { description: 'Description of the model and the data it trains on.' }),
    available: t.exposeBoolean('available', { description: 'True if the trainer can run on this server.' }),
    unavailableReason: t.exposeString('unavailableReason', {
      nullable: true,
      description: 'Reason why the trainer cannot run on this server, and what to do; null if it can.',
    }),
    backends: t.field({
      type: [BackendEnum],
      description: 'Compute backends that are currently available on this server; empty for scripts.',
      resolve: (trainer) => [...trainer.backends],
    }),
    settings: t.field({
      type: [StandardSettingEnum],
      description: 'Standard settings that the trainer accepts; starting it with another one is an error.',
      resolve: (trainer) => [...trainer.settings],
    }),
    acceptsArguments: t.exposeBoolean('acceptsArguments', {
      description: 'True if the trainer accepts `arguments` and `processes`, as every script does.',
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
