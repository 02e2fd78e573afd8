import { startTrainings } from '../resolvers/start-trainings.ts';
import type { Job } from '../runner/index.ts';
import { builder } from './builder.ts';
import { EXCLUSIVE } from './exclusive.ts';
import { JobRef } from './job.ts';
import { START_ERRORS, StartTrainingInput } from './start-training.ts';

const StartTrainingsSuccessRef = builder
  .objectRef<{ readonly jobs: readonly Job[] }>('StartTrainingsSuccess')
  .implement({
    description: 'All jobs were created.',
    fields: (t) => ({
      jobs: t.field({
        type: [JobRef],
        description: 'The jobs in the order of the inputs.',
        resolve: ({ jobs }) => [...jobs],
      }),
    }),
  });

builder.mutationField('startTrainings', (t) =>
  t.field({
    type: StartTrainingsSuccessRef,
    description:
      'Creates up to 1,000 jobs, all or none, and starts each as soon as possible. A job can depend on an earlier one of the same call: see `DependencyInput.index`.',
    args: {
      inputs: t.arg({ type: [StartTrainingInput], required: true, description: 'Trainings to start, 1 to 1,000.' }),
    },
    authScopes: { operator: true },
    complexity: ({ inputs }) => ({ field: 50 + inputs.length, multiplier: Math.max(1, inputs.length) }),
    extensions: EXCLUSIVE,
    errors: {
      types: [...START_ERRORS],
      directResult: true,
      union: { name: 'StartTrainingsResult', description: 'Result of `startTrainings`.' },
    },
    resolve: (_root, { inputs }, context) => startTrainings(context, inputs),
  }),
);
