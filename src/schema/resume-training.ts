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
  description: 'Which job to go on with, and how far.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the job.' }),
    epochs: t.int({
      description:
        'Passes over the training data in all, those done included. Default: as before. A COMPLETED job needs more.',
    }),
  }),
});

builder.mutationField('resumeTraining', (t) =>
  t.field({
    type: JobRef,
    description:
      'Starts a new attempt of a job that has ended: it goes on from what was saved last, or anew where nothing was saved.',
    args: { input: t.arg({ type: ResumeTrainingInput, required: true, description: 'Which job, and how far.' }) },
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
      result: { name: 'ResumeTrainingSuccess', description: 'The job has a new attempt.' },
      union: { name: 'ResumeTrainingResult', description: 'The job, or why it cannot be resumed.' },
      dataField: { name: 'job', description: 'The job, which may be waiting or already running.' },
    },
    resolve: (_root, { input }, context) => resumeTraining(context, input),
  }),
);
