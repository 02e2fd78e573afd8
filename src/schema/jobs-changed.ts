import { watchJobs } from '../resolvers/watch-jobs.ts';
import type { JobChange } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobFilterInput } from './job-connection.ts';
import { JobRef } from './job.ts';

const JobChangeKindEnum = builder.enumType('JobChangeKind', {
  description: 'Kind of change to a job, relative to the filter.',
  values: {
    ADDED: { description: 'Created, or now matches the filter.' },
    CHANGED: { description: 'Changed, and still matches the filter. Treat as ADDED if the job is not known yet.' },
    REMOVED: { description: 'Deleted, or no longer matches the filter. Ignore if the job is not known.' },
  } as const,
});

const JobChangeRef = builder.objectRef<JobChange>('JobChange').implement({
  description: 'One event of the live feed of all jobs.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Cursor of this event: pass it as `after` to continue from here, even after a server restart.',
    }),
    kind: t.expose('kind', { type: JobChangeKindEnum, description: 'Kind of change.' }),
    jobId: t.exposeID('jobId', { description: 'Id of the job.' }),
    job: t.expose('job', {
      type: JobRef,
      nullable: true,
      description: 'Current state of the job; null if it was deleted.',
    }),
    gap: t.exposeBoolean('gap', {
      description:
        'True if the feed could not continue from `after`. This event is then the first of a new list of all matching jobs: discard the old list.',
    }),
  }),
});

builder.subscriptionField('jobsChanged', (t) =>
  t.field({
    type: JobChangeRef,
    description:
      'Live feed of all jobs that are created, changed or deleted, for lists without polling. A slow reader gets the latest state of each changed job. The stream never completes by itself.',
    args: {
      filter: t.arg({ type: JobFilterInput, description: 'Filter for jobs; default: all jobs.' }),
      after: t.arg.string({
        description:
          'Cursor of the last event that was received, or `changesCursor` of a page of jobs: continues from there without a gap. Default: only future changes.',
      }),
    },
    subscribe: (_root, args, context) => watchJobs(context, args),
    resolve: (change) => change,
  }),
);
