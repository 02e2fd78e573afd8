import { updateJob } from '../resolvers/update-job.ts';
import { InvalidInputError, JobNotFoundError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const UpdateJobInput = builder.inputType('UpdateJobInput', {
  description: 'What to change of a job. What is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the job.' }),
    name: t.string({ description: 'Its new name, 1 to 200 characters; null takes the name away.' }),
    tags: t.stringList({ description: 'All of its tags from now on: at most 20, each of 1 to 64 characters.' }),
    notes: t.string({ description: 'What there is to say about it: Markdown, at most 10,000 characters.' }),
  }),
});

builder.mutationField('updateJob', (t) =>
  t.field({
    type: JobRef,
    description: 'Changes the name, the tags or the notes of a job, in whatever status it is.',
    args: { input: t.arg({ type: UpdateJobInput, required: true, description: 'Which job, and what to change.' }) },
    errors: {
      types: [JobNotFoundError, InvalidInputError],
      directResult: false,
      result: { name: 'UpdateJobSuccess', description: 'The job is changed.' },
      union: { name: 'UpdateJobResult', description: 'The changed job, or why it was not changed.' },
      dataField: { name: 'job', description: 'The job as it is now.' },
    },
    resolve: (_root, { input }, context) => updateJob(context, input),
  }),
);
