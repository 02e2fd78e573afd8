import { resumeTraining } from '../resolvers/resume-training.ts';
import {
  DatasetNotFoundError,
  InvalidInputError,
  JobNotEndedError,
  JobNotFoundError,
  QueueFullError,
  TrainerUnavailableError,
} from '../runner/index.ts';
import { builder } from './builder.ts';
import { EXCLUSIVE } from './exclusive.ts';
import { JobRef } from './job.ts';

const ResumeTrainingInput = builder.inputType('ResumeTrainingInput', {
  description: 'Input of `resumeTraining`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the job.' }),
    epochs: t.int({
      description:
        'Total number of epochs, including completed ones. Default: unchanged. A COMPLETED job needs a higher number.',
    }),
  }),
});

builder.mutationField('resumeTraining', (t) =>
  t.field({
    type: JobRef,
    description:
      'Starts a new attempt of an ended job. Training continues from the last checkpoint, or starts over if there is none.',
    args: { input: t.arg({ type: ResumeTrainingInput, required: true, description: 'Job to resume.' }) },
    authScopes: (_root, { input }) => ({ owner: input.id }),
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [
        JobNotFoundError,
        JobNotEndedError,
        InvalidInputError,
        DatasetNotFoundError,
        TrainerUnavailableError,
        QueueFullError,
      ],
      result: { name: 'ResumeTrainingSuccess', description: 'The new attempt is queued.' },
      union: { name: 'ResumeTrainingResult', description: 'Result of `resumeTraining`.' },
      dataField: { name: 'job', description: 'The job, which may be waiting or already running.' },
    },
    resolve: (_root, { input }, context) => resumeTraining(context, input),
  }),
);
