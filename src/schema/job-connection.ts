import { countJobs } from '../resolvers/count-jobs.ts';
import { listJobs } from '../resolvers/list-jobs.ts';
import { DEFAULT_PAGE } from '../resolvers/page.ts';
import type { JobOrderField } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';
import { JobRef } from './job.ts';
import { ScorePartEnum } from './score.ts';

const MetricValueEnum = builder.enumType('MetricValue', {
  description: 'Value of a metric to compare.',
  values: {
    BEST: {
      description: 'Best value so far: the highest or lowest one (see `BestValue.goal`).',
    },
    LATEST: { description: 'Latest value.' },
  } as const,
});

const MetricConditionInput = builder.inputType('MetricCondition', {
  description:
    'A condition on a metric, for example `{ name: "val_loss", lt: 0.2 }`. Jobs that never reported the metric do not match.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Metric name as the trainer reports it.' }),
    of: t.field({
      type: MetricValueEnum,
      required: true,
      defaultValue: 'BEST',
      description: 'Value of the metric to compare.',
    }),
    lt: t.float({ description: 'Less than.' }),
    lte: t.float({ description: 'Less than or equal to.' }),
    gt: t.float({ description: 'Greater than.' }),
    gte: t.float({ description: 'Greater than or equal to.' }),
  }),
});

const ScoreConditionInput = builder.inputType('ScoreCondition', {
  description: 'A condition on the score, for example `{ part: [TEST], gte: 0.9 }`. Jobs without a score do not match.',
  fields: (t) => ({
    name: t.string({ description: 'Match scores of this metric.' }),
    part: t.field({ type: [ScorePartEnum], description: 'Match scores of any of these parts of the data.' }),
    lt: t.float({ description: 'Less than.' }),
    lte: t.float({ description: 'Less than or equal to.' }),
    gt: t.float({ description: 'Greater than.' }),
    gte: t.float({ description: 'Greater than or equal to.' }),
  }),
});

export const JobFilterInput = builder.inputType('JobFilter', {
  description: 'Filter for jobs: a job must meet all given conditions.',
  fields: (t) => ({
    ids: t.idList({ description: 'Match any of these ids.' }),
    status: t.field({ type: [JobStatusEnum], description: 'Match any of these statuses.' }),
    tags: t.stringList({ description: 'Match jobs with any of these tags.' }),
    allTags: t.stringList({ description: 'Match jobs with all of these tags.' }),
    trainer: t.string({ description: 'Match this trainer.' }),
    dataset: t.string({ description: 'Match this dataset.' }),
    group: t.string({ description: 'Match jobs of this group.' }),
    name: t.string({ description: 'Match part of the name, ignoring case.' }),
    text: t.string({ description: 'Match part of the id, name, dataset, notes or a tag, ignoring case.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Match jobs created after this time.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Match jobs created before this time.' }),
    endedAfter: t.field({ type: 'DateTime', description: 'Match jobs that ended after this time.' }),
    endedBefore: t.field({ type: 'DateTime', description: 'Match jobs that ended before this time.' }),
    metrics: t.field({
      type: [MetricConditionInput],
      description: 'Conditions on metrics; a job must meet all of them.',
    }),
    score: t.field({ type: ScoreConditionInput, description: 'Condition on the score.' }),
  }),
});

const JobOrderFieldEnum = builder.enumType('JobOrderField', {
  description: 'Field to order jobs by.',
  values: {
    CREATED_AT: { description: 'Creation time.' },
    ENDED_AT: { description: 'End time; jobs that have not ended come last.' },
    NAME: { description: 'Name, ignoring case; jobs without a name come last.' },
    PROGRESS: { description: 'Progress in percent.' },
    SCORE: { description: 'Score: with DESC, the best comes first, also where low is better; jobs without come last.' },
    METRIC: { description: 'Best value of `metric`, in numeric order; jobs that never reported the metric come last.' },
    QUEUE_POSITION: {
      description:
        'Position in the queue: with ASC, the job that starts first comes first. Jobs that do not wait come last.',
    },
  } as const satisfies Record<JobOrderField, object>,
});

const OrderDirectionEnum = builder.enumType('OrderDirection', {
  description: 'Sort direction.',
  values: {
    ASC: { description: 'Ascending: lowest or oldest first.' },
    DESC: { description: 'Descending: highest or newest first.' },
  } as const,
});

const JobOrderInput = builder.inputType('JobOrder', {
  description: 'Order of a list of jobs.',
  fields: (t) => ({
    field: t.field({
      type: JobOrderFieldEnum,
      required: true,
      defaultValue: 'CREATED_AT',
      description: 'Field to order by.',
    }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'DESC',
      description: 'Sort direction.',
    }),
    metric: t.string({ description: 'Name of the metric to order by; required for the field METRIC.' }),
  }),
});

builder.queryField('jobs', (t) =>
  t.connection(
    {
      type: JobRef,
      description: 'Lists jobs page by page, newest first by default.',
      args: {
        filter: t.arg({ type: JobFilterInput, description: 'Filter for jobs; default: all jobs.' }),
        orderBy: t.arg({ type: JobOrderInput, description: 'Order of the jobs; default: newest first.' }),
      },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => listJobs(context, args),
    },
    {
      name: 'JobConnection',
      description: 'A page of jobs.',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'Number of jobs that match the filter, on all pages.',
          resolve: ({ filter }, _args, context) => countJobs(context, filter),
        }),
        changesCursor: connection.exposeString('changesCursor', {
          description: 'Cursor for `jobsChanged`: pass it as `after` to get all changes since this page was read.',
        }),
      }),
    },
    { name: 'JobEdge', description: 'A job on a page.' },
  ),
);
