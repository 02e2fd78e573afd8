import { countJobsByStatus } from '../resolvers/count-jobs.ts';
import { JOB_STATUSES, type JobCounts, type JobStatus } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobFilterInput } from './job-connection.ts';

const JobCountsRef = builder.objectRef<JobCounts>('JobCounts').implement({
  description: 'Number of jobs by status.',
  fields: (t) => ({
    total: t.int({
      description: 'Number of all jobs.',
      resolve: (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0),
    }),
    ...Object.fromEntries(
      JOB_STATUSES.map((status: JobStatus) => [
        status.toLowerCase(),
        t.int({ description: `Number of jobs with status ${status}.`, resolve: (counts) => counts[status] }),
      ]),
    ),
  }),
});

builder.queryField('jobCounts', (t) =>
  t.field({
    type: JobCountsRef,
    description: 'Counts jobs by status.',
    args: { filter: t.arg({ type: JobFilterInput, description: 'Filter for jobs; default: all jobs.' }) },
    complexity: 5,
    resolve: (_root, { filter }, context) => countJobsByStatus(context, filter),
  }),
);
