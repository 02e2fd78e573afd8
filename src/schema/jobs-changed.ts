import { watchJobs } from '../resolvers/watch-jobs.ts';
import type { JobChange } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobFilterInput } from './job-connection.ts';
import { JobRef } from './job.ts';

const JobChangeKindEnum = builder.enumType('JobChangeKind', {
  description: 'What became of a job, as seen through the filter.',
  values: {
    ADDED: { description: 'It is new, or begins to match.' },
    CHANGED: { description: 'It matched and still does. Treat it as ADDED where the job is not known yet.' },
    REMOVED: { description: 'It is deleted, or matches no longer. To be passed over where the job is not known.' },
  } as const,
});

const JobChangeRef = builder.objectRef<JobChange>('JobChange').implement({
  description: 'One message of the live feed of all jobs.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Hand it back as `after` to go on from here, also after a restart of the server.',
    }),
    kind: t.expose('kind', { type: JobChangeKindEnum, description: 'What became of it.' }),
    jobId: t.exposeID('jobId', { description: 'The id of the job.' }),
    job: t.expose('job', {
      type: JobRef,
      nullable: true,
      description: 'The job as it is now; null when it is deleted.',
    }),
    gap: t.exposeBoolean('gap', {
      description:
        'True when `after` could not be honoured: this is the first of all jobs that match, and what was known before is void.',
    }),
  }),
});

builder.subscriptionField('jobsChanged', (t) =>
  t.field({
    type: JobChangeRef,
    description:
      'Every job that appears, changes or goes, live, for lists that never poll. A slow reader gets the newest state of each job that has changed. It does not complete by itself.',
    args: {
      filter: t.arg({ type: JobFilterInput, description: 'Which jobs; default all.' }),
      after: t.arg.string({
        description:
          'The `cursor` of the last message that was received, or `changesCursor` of a page of jobs: goes on from there without a gap. Default: from now on.',
      }),
    },
    subscribe: (_root, args, context) => watchJobs(context, args),
    resolve: (change) => change,
  }),
);
