import { stopTraining } from '../resolvers/stop-training.ts';
import { AlreadyEndedError, InvalidInputError, JobNotFoundError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const StopTrainingInput = builder.inputType('StopTrainingInput', {
  description: 'Which job to stop, and how patiently.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the job.' }),
    graceSeconds: t.float({
      description: 'How long it may take to save a checkpoint and end, before it is killed; default 30 seconds.',
    }),
  }),
});

builder.mutationField('stopTraining', (t) =>
  t.field({
    type: JobRef,
    description:
      'Asks a job to save a checkpoint and end. Stopping twice is harmless. Watch `jobProgress` for its end.',
    args: { input: t.arg({ type: StopTrainingInput, required: true, description: 'Which job, and how patiently.' }) },
    complexity: 10,
    errors: {
      types: [JobNotFoundError, AlreadyEndedError, InvalidInputError],
      result: { name: 'StopTrainingSuccess', description: 'The job is being stopped, or was stopped.' },
      union: { name: 'StopTrainingResult', description: 'The job, or why it cannot be stopped.' },
      dataField: { name: 'job', description: 'The job: STOPPING, or STOPPED when it had not begun.' },
    },
    resolve: (_root, { input }, context) => stopTraining(context, input),
  }),
);
