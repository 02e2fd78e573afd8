import { deleteJobs, type DeleteJobsOutcome, type WouldDelete } from '../resolvers/delete-jobs.ts';
import { InvalidInputError } from '../runner/index.ts';
import { builder } from './builder.ts';
import { EXCLUSIVE } from './exclusive.ts';
import { JobFilterInput } from './job-connection.ts';

const DeleteJobsInput = builder.inputType('DeleteJobsInput', {
  description: 'Input of `deleteJobs`.',
  fields: (t) => ({
    filter: t.field({
      type: JobFilterInput,
      required: true,
      description:
        'Jobs to delete; at least one condition is required. Empty conditions do not count: null, an empty list, or text without a visible character. Only ended jobs are deleted.',
    }),
    dryRun: t.boolean({
      required: true,
      defaultValue: false,
      description: 'If true, deletes nothing and returns in `wouldDelete` the jobs that the same input would delete.',
    }),
  }),
});

const WouldDeleteRef = builder.objectRef<WouldDelete>('WouldDelete').implement({
  description: 'Jobs that a deletion would delete if it ran now.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'Number of jobs.' }),
    ids: t.idList({
      description: 'Ids of the jobs, newest first; at most the first 1,000.',
      resolve: ({ ids }) => [...ids],
    }),
  }),
});

const DeleteJobsSuccessRef = builder.objectRef<DeleteJobsOutcome>('DeleteJobsSuccess').implement({
  description: 'Result of a deletion or a dry run.',
  fields: (t) => ({
    deletedIds: t.idList({
      description: 'Ids of the deleted jobs; empty with `dryRun`.',
      resolve: ({ deletedIds }) => [...deletedIds],
    }),
    wouldDelete: t.expose('wouldDelete', {
      type: WouldDeleteRef,
      nullable: true,
      description: 'Jobs that would be deleted; null without `dryRun`.',
    }),
  }),
});

builder.mutationField('deleteJobs', (t) =>
  t.field({
    type: DeleteJobsSuccessRef,
    description:
      'Deletes ended jobs with their models, metrics and logs. Skips jobs that are active or wait for a retry, and for an operator the jobs of other users.',
    args: { input: t.arg({ type: DeleteJobsInput, required: true, description: 'Jobs to delete.' }) },
    authScopes: { operator: true },
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [InvalidInputError],
      directResult: true,
      union: { name: 'DeleteJobsResult', description: 'Result of `deleteJobs`.' },
    },
    resolve: (_root, { input }, context) => deleteJobs(context, input),
  }),
);
