import type { RetryPolicy } from '../runner/index.ts';
import { builder } from './builder.ts';
import { FailureReasonEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

const RetryPolicyRef = builder.objectRef<RetryPolicy>('RetryPolicy').implement({
  description: 'Automatic retry policy for failures.',
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'Maximum number of retries.' }),
    on: t.field({
      type: [FailureReasonEnum],
      description: 'Failure reasons that are retried.',
      resolve: (policy) => [...policy.on],
    }),
    backoffSeconds: t.exposeFloat('backoffSeconds', {
      description: 'Seconds to wait before the first retry; doubles for each further retry.',
    }),
  }),
});

builder.objectFields(JobRef, (t) => ({
  retry: t.field({
    type: RetryPolicyRef,
    nullable: true,
    description: 'Automatic retry policy; null for no retries.',
    resolve: (job) => job.request.retry,
  }),
  timeLimitSeconds: t.float({
    nullable: true,
    description: 'Maximum duration of an attempt in seconds; null for no limit.',
    resolve: (job) => job.request.timeLimitSeconds,
  }),
  stallLimitSeconds: t.float({
    nullable: true,
    description: 'Maximum time without a report in seconds; null for no limit.',
    resolve: (job) => job.request.stallLimitSeconds,
  }),
}));
