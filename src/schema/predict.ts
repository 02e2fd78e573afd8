import { predict } from '../resolvers/predict.ts';
import {
  InvalidInputError,
  JobNotFoundError,
  ModelUnavailableError,
  type Prediction,
  PredictionFailedError,
  type PredictionResult,
  TooManyPredictionsError,
  TrainerUnavailableError,
} from '../runner/index.ts';
import { builder } from './builder.ts';

/** Cost of a call besides that of its rows: a process may have to start and read a model. */
const COST = 100;

const PredictionRef = builder.objectRef<Prediction>('Prediction').implement({
  description: 'Prediction for one row.',
  fields: (t) => ({
    value: t.expose('value', {
      type: 'JSON',
      description:
        'Predicted number in the unit of the target, or predicted class as text. For several targets, an object of numbers by target.',
    }),
    probabilities: t.expose('probabilities', {
      type: 'JSON',
      nullable: true,
      description: 'Probability of each class, as an object of numbers by class; null for a regression.',
    }),
  }),
});

const PredictSuccess = builder.objectRef<PredictionResult>('PredictSuccess').implement({
  description: 'The rows were predicted.',
  fields: (t) => ({
    predictions: t.field({
      type: [PredictionRef],
      description: 'Predictions in the order of the rows.',
      // `predict` is charged for each row.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ predictions }) => [...predictions],
    }),
    warnings: t.stringList({
      description:
        'Columns with values that the model does not know or that have another type, with their number. These values count as missing or as unknown.',
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
});

builder.queryField('predict', (t) =>
  t.field({
    type: PredictSuccess,
    description:
      'Predicts rows with the newest model of a job of the trainer `tabular`. The first call loads PyTorch and the model, which takes seconds; later calls take milliseconds. Every role may predict.',
    args: {
      jobId: t.arg.id({ required: true, description: 'Id of the job that trained the model.' }),
      rows: t.arg({
        type: ['JSON'],
        required: true,
        description:
          'Rows to predict, at most 1,000: objects of values by column, for example `{ "age": 30, "city": "Oslo" }`. null is a missing value. All columns of the model are required; others are ignored.',
      }),
    },
    complexity: ({ rows }) => ({ field: COST + rows.length, multiplier: 1 }),
    errors: {
      types: [
        JobNotFoundError,
        InvalidInputError,
        ModelUnavailableError,
        TrainerUnavailableError,
        TooManyPredictionsError,
        PredictionFailedError,
      ],
      directResult: true,
      union: { name: 'PredictResult', description: 'Result of `predict`.' },
    },
    resolve: (_root, args, context) => predict(context, args),
  }),
);
