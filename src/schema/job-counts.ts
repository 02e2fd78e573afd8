import { countJobsByStatus } from '../resolvers/count-jobs.ts';
import { JOB_STATUSES, type JobCounts, type JobStatus } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobFilterInput } from './job-connection.ts';

const JobCountsRef = builder.objectRef<JobCounts>('JobCounts').implement({
  description: 'How many jobs there are.',
  fields: (t) => ({
    total: t.int({
      description: 'All together.',
      resolve: (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0),
    }),
    ...Object.fromEntries(
      JOB_STATUSES.map((status: JobStatus) => [
        status.toLowerCase(),
        t.int({ description: `Of status ${status}.`, resolve: (counts) => counts[status] }),
      ]),
    ),
  }),
});

builder.queryField('jobCounts', (t) =>
  t.field({
    type: JobCountsRef,
    description: 'How many jobs there are of each status.',
    args: { filter: t.arg({ type: JobFilterInput, description: 'Which jobs; default all.' }) },
    complexity: 5,
    resolve: (_root, { filter }, context) => countJobsByStatus(context, filter),
  }),
);
