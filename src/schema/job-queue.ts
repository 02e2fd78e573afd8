import { findJob } from '../resolvers/find-job.ts';
import { jobDependencies, type JobDependency, waitingFor } from '../resolvers/job-dependencies.ts';
import { queuePosition } from '../resolvers/queue-position.ts';
import type { DependencyCondition } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

/** Cost of the dependencies of one job: few jobs have more. */
const CHARGED_DEPENDENCIES = 20;

export const DependencyConditionEnum = builder.enumType('DependencyCondition', {
  description: 'Condition on another job after which a job starts.',
  values: {
    AFTER_OK: { description: 'After the other job is COMPLETED.' },
    AFTER_END: { description: 'After the other job has ended in any way.' },
    AFTER_FAILURE: { description: 'After the other job has ended as ERROR, its automatic retries included.' },
  } as const satisfies Record<DependencyCondition, object>,
});

const JobDependencyRef = builder.objectRef<JobDependency>('JobDependency').implement({
  description: 'A job after which another one starts.',
  fields: (t) => ({
    id: t.exposeID('jobId', { description: 'Id of the job to wait for.' }),
    when: t.expose('when', { type: DependencyConditionEnum, description: 'Condition on that job.' }),
    isMet: t.exposeBoolean('isMet', {
      description: 'True once the condition was met; it then stays met, also if that job is resumed.',
    }),
    job: t.field({
      type: JobRef,
      nullable: true,
      description: 'The job to wait for; null if it was deleted.',
      resolve: ({ jobId }, _args, context) => findJob(context, jobId),
    }),
  }),
});

builder.objectFields(JobRef, (t) => ({
  priority: t.int({
    description: 'Priority in the queue: jobs with a higher priority start first.',
    resolve: (job) => job.request.priority,
  }),
  group: t.string({
    nullable: true,
    description: 'Group of the job, which can have a limit of its own and can be paused; null if it is in none.',
    resolve: (job) => job.request.group,
  }),
  notBefore: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'Earliest time of the start; null if there is none.',
    resolve: (job) => job.request.notBefore,
  }),
  dependsOn: t.field({
    type: [JobDependencyRef],
    description: 'Jobs after which this one starts.',
    complexity: { field: 1, multiplier: CHARGED_DEPENDENCIES },
    resolve: (job) => jobDependencies(job),
  }),
  queuePosition: t.int({
    nullable: true,
    description: 'Queue position, from 1; null if the job is not waiting.',
    resolve: (job, _args, context) => queuePosition(context, job),
  }),
  waitingFor: t.string({
    nullable: true,
    description:
      'Reason why a waiting job does not start, as a sentence: dependencies, `notBefore`, a pause, the limit of its group, GPUs or slots. Null if it is about to start, or is not waiting.',
    resolve: (job, _args, context) => waitingFor(context, job),
  }),
}));
