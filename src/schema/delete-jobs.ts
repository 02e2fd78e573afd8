import { deleteJobs, type DeleteJobsOutcome, type WouldDelete } from '../resolvers/delete-jobs.ts';
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
      description:
        'At least one condition. Empty ones do not count: null, an empty list, text without a visible character. Only ended jobs are deleted.',
    }),
    dryRun: t.boolean({
      required: true,
      defaultValue: false,
      description: 'True deletes nothing, and returns in `wouldDelete` what the same input without it would delete.',
    }),
  }),
});

const WouldDeleteRef = builder.objectRef<WouldDelete>('WouldDelete').implement({
  description: 'The jobs that a deletion would delete, if it ran now.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'Number of jobs.' }),
    ids: t.idList({ description: 'Their ids, the newest first; the first 1,000.', resolve: ({ ids }) => [...ids] }),
  }),
});

const DeleteJobsSuccessRef = builder.objectRef<DeleteJobsOutcome>('DeleteJobsSuccess').implement({
  description: 'The jobs are deleted, or with `dryRun`, found.',
  fields: (t) => ({
    deletedIds: t.idList({
      description: 'The ids of the deleted jobs; empty with `dryRun`.',
      resolve: ({ deletedIds }) => [...deletedIds],
    }),
    wouldDelete: t.expose('wouldDelete', {
      type: WouldDeleteRef,
      nullable: true,
      description: 'The jobs that would be deleted; null without `dryRun`.',
    }),
  }),
});

builder.mutationField('deleteJobs', (t) =>
  t.field({
    type: DeleteJobsSuccessRef,
    description:
      'Deletes jobs that have ended, with their models, metrics and logs. A job that is active, or waits for a retry, is left alone.',
    args: { input: t.arg({ type: DeleteJobsInput, required: true, description: 'Which jobs.' }) },
    complexity: 50,
    extensions: EXCLUSIVE,
    errors: {
      types: [InvalidInputError],
      directResult: true,
      union: { name: 'DeleteJobsResult', description: 'What was deleted, or why nothing was.' },
    },
    resolve: (_root, { input }, context) => deleteJobs(context, input),
  }),
);
