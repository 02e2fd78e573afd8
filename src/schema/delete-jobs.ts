import { deleteJobs } from '../resolvers/delete-jobs.ts';
import { InvalidInputError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { EXCLUSIVE } from './exclusive.ts';
import { JobFilterInput } from './job-connection.ts';

const DeleteJobsInput = builder.inputType('DeleteJobsInput', {
  description: 'Which jobs to delete.',
  fields: (t) => ({
    filter: t.field({
      type: JobFilterInput,
      required: true,
      description: 'At least one condition. Only jobs that have ended are deleted, whatever it says.',
    }),
  }),
});

builder.mutationField('deleteJobs', (t) =>
  t.idList({
    description:
      'Deletes jobs that have ended, with their models, metrics and logs. A job that lives, or waits for a retry, is left alone.',
    args: { input: t.arg({ type: DeleteJobsInput, required: true, description: 'Which jobs.' }) },
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [InvalidInputError],
      result: { name: 'DeleteJobsSuccess', description: 'The jobs are deleted.' },
      union: { name: 'DeleteJobsResult', description: 'What was deleted, or why nothing was.' },
      dataField: { name: 'deletedIds', description: 'The ids of the jobs that are gone.' },
    },
    resolve: (_root, { input }, context) => deleteJobs(context, input.filter),
  }),
);
