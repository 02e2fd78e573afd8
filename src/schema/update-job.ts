import { updateJob } from '../resolvers/update-job.ts';
import { InvalidInputError, JobNotFoundError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const UpdateJobInput = builder.inputType('UpdateJobInput', {
  description: 'Input of `updateJob`. Omitted fields stay unchanged.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the job.' }),
    name: t.string({ description: 'New name, 1 to 200 characters; null removes the name.' }),
    tags: t.stringList({
      description: 'New tags, which replace all existing ones: at most 20, each 1 to 64 characters.',
    }),
    notes: t.string({ description: 'User notes in Markdown, at most 10,000 characters.' }),
    priority: t.int({
      description:
        'New priority in the queue, -1000 to 1000. It applies whenever the job waits, now or after a resume.',
    }),
  }),
});

builder.mutationField('updateJob', (t) =>
  t.field({
    type: JobRef,
    description: 'Changes the name, tags, notes or priority of a job, whatever its status.',
    args: { input: t.arg({ type: UpdateJobInput, required: true, description: 'Job and changes.' }) },
    authScopes: (_root, { input }) => ({ owner: input.id }),
    errors: {
      types: [JobNotFoundError, InvalidInputError],
      directResult: false,
      result: { name: 'UpdateJobSuccess', description: 'The job was changed.' },
      union: { name: 'UpdateJobResult', description: 'Result of `updateJob`.' },
      dataField: { name: 'job', description: 'Current state of the job.' },
    },
    resolve: (_root, { input }, context) => updateJob(context, input),
  }),
);
