import { startPrediction } from '../resolvers/start-prediction.ts';
import {
  DatasetNotFoundError,
  InvalidInputError,
  JobNotFoundError,
  ModelUnavailableError,
  QueueFullError,
  TrainerUnavailableError,
} from '../runner/index.ts';
import { builder } from './builder.ts';
import { EXCLUSIVE } from './exclusive.ts';
import { JobRef } from './job.ts';

const StartPredictionInput = builder.inputType('StartPredictionInput', {
  description: 'Input of `startPrediction`.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'Id of the job that trained the model.' }),
    dataset: t.string({
      required: true,
      description: 'Dataset to predict: path relative to the datasets folder; `datasets` lists them.',
    }),
    options: t.field({
      type: 'JSON',
      description:
        'Read options of the file: `encoding` and `header` of a table training. Default: inferred; if this fails, the options of the training.',
    }),
  }),
});

builder.mutationField('startPrediction', (t) =>
  t.field({
    type: JobRef,
    description:
      'Creates a job that predicts all rows of a dataset with the newest model of another job. It runs, stops and reports like a training; `Job.files` then has `predictions.csv` with the rows and their predictions.',
    args: { input: t.arg({ type: StartPredictionInput, required: true, description: 'Prediction to start.' }) },
    authScopes: { operator: true },
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [
        JobNotFoundError,
        ModelUnavailableError,
        DatasetNotFoundError,
        InvalidInputError,
        TrainerUnavailableError,
        QueueFullError,
      ],
      result: { name: 'StartPredictionSuccess', description: 'The job was created.' },
      union: { name: 'StartPredictionResult', description: 'Result of `startPrediction`.' },
      dataField: { name: 'job', description: 'The job that predicts, which may be waiting or already running.' },
    },
    resolve: (_root, { input }, context) => startPrediction(context, input),
  }),
);
