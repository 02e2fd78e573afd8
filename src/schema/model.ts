import { readModel } from '../resolvers/read-model.ts';
import type { ModelDescription, ModelInput } from '../runner/index.ts';
import { builder } from './builder.ts';
import { ColumnKindEnum } from './dataset-preview.ts';
import { JobRef } from './job.ts';

const ModelTaskEnum = builder.enumType('ModelTask', {
  description: 'Kind of values that a model predicts.',
  values: {
    REGRESSION: { value: 'regression', description: 'Numbers.' },
    CLASSIFICATION: { value: 'classification', description: 'Classes.' },
  } as const,
});

const ModelInputRef = builder.objectRef<ModelInput>('ModelInput').implement({
  description: 'A column that a model predicts from.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the column, as a row of `predict` needs it.' }),
    kind: t.expose('kind', { type: ColumnKindEnum, description: 'Kind of the column.' }),
    example: t.exposeString('example', {
      nullable: true,
      description: 'Typical value of the training rows, as text: a median, or the most frequent category.',
    }),
    categories: t.stringList({
      description: 'Categories that the model knows, at most the 200 most frequent; empty unless the kind is CATEGORY.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ categories }) => [...categories],
    }),
  }),
});

const ModelRef = builder.objectRef<ModelDescription>('Model').implement({
  description: 'Inputs and outputs of a trained model.',
  fields: (t) => ({
    task: t.expose('task', { type: ModelTaskEnum, description: 'Kind of values that the model predicts.' }),
    targets: t.stringList({
      description: 'Columns that the model predicts, at most the first 1,000.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ targets }) => [...targets],
    }),
    classes: t.stringList({
      description: 'Classes of a classification, at most the first 1,000; empty for a regression.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ classes }) => [...classes],
    }),
    inputs: t.field({
      type: [ModelInputRef],
      description: 'Columns that the model predicts from, at most the first 1,000; `inputCount` counts all of them.',
      // `Job.model` is charged for the whole model.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ inputs }) => [...inputs],
    }),
    inputCount: t.expose('inputCount', { type: 'SafeInt', description: 'Total number of input columns.' }),
  }),
});

builder.objectField(JobRef, 'model', (t) =>
  t.field({
    type: ModelRef,
    nullable: true,
    description:
      'Inputs and outputs of the newest model of the job; null if it has none that can predict. Errors have the code `TOO_MANY_PREDICTIONS` if the server is busy with predictions, and `TRAINER_UNAVAILABLE` without PyTorch.',
    // A process may have to start and read the model: too expensive to request for every entry of `jobs`.
    complexity: { field: 1000, multiplier: 1 },
    resolve: (job, _args, context) => readModel(context, job),
  }),
);
