import { stopTraining } from '../resolvers/stop-training.ts';
import { AlreadyEndedError, InvalidInputError, JobNotFoundError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const StopTrainingInput = builder.inputType('StopTrainingInput', {
  description: 'Input of `stopTraining`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the job.' }),
    graceSeconds: t.float({
      description:
        'Grace period in seconds: time to save a checkpoint and exit before the process is killed. Default: 30.',
    }),
  }),
});

builder.mutationField('stopTraining', (t) =>
  t.field({
    type: JobRef,
    description:
      'Asks a job to save a checkpoint and exit. A second stop has no further effect. Subscribe to `jobProgress` to see the job end.',
    args: { input: t.arg({ type: StopTrainingInput, required: true, description: 'Job to stop.' }) },
    authScopes: (_root, { input }) => ({ owner: input.id }),
    complexity: 10,
    errors: {
      types: [JobNotFoundError, AlreadyEndedError, InvalidInputError],
      result: { name: 'StopTrainingSuccess', description: 'The job is stopping or has stopped.' },
      union: { name: 'StopTrainingResult', description: 'Result of `stopTraining`.' },
      dataField: { name: 'job', description: 'The job: STOPPING, or STOPPED if it had not started.' },
    },
    resolve: (_root, { input }, context) => stopTraining(context, input),
  }),
);
