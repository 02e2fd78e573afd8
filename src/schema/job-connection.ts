import { countJobs } from '../resolvers/count-jobs.ts';
import { listJobs } from '../resolvers/list-jobs.ts';
import { DEFAULT_PAGE } from '../resolvers/page.ts';
import type { JobOrderField } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

const MetricValueEnum = builder.enumType('MetricValue', {
  description: 'Which value of a metric counts.',
  values: {
    BEST: { description: 'The best so far: the highest where the name says that more is better, else the lowest.' },
    LATEST: { description: 'The newest.' },
  } as const,
});

const MetricConditionInput = builder.inputType('MetricCondition', {
  description:
    'A condition on a metric, for example `{ name: "val_loss", lt: 0.2 }`. A job that never reported it does not meet it.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name that the trainer reports.' }),
    of: t.field({ type: MetricValueEnum, required: true, defaultValue: 'BEST', description: 'Which of its values.' }),
    lt: t.float({ description: 'Less than.' }),
    lte: t.float({ description: 'Less than, or equal to.' }),
    gt: t.float({ description: 'Greater than.' }),
    gte: t.float({ description: 'Greater than, or equal to.' }),
  }),
});

export const JobFilterInput = builder.inputType('JobFilter', {
  description: 'Which jobs: every condition given must hold.',
  fields: (t) => ({
    ids: t.idList({ description: 'One of these ids.' }),
    status: t.field({ type: [JobStatusEnum], description: 'Any of these statuses.' }),
    tags: t.stringList({ description: 'Any of these tags.' }),
    allTags: t.stringList({ description: 'Every one of these tags.' }),
    trainer: t.string({ description: 'This trainer.' }),
    dataset: t.string({ description: 'This dataset.' }),
    name: t.string({ description: 'Part of the name, upper and lower case alike.' }),
    text: t.string({ description: 'Part of the id, name, dataset, notes or a tag, upper and lower case alike.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Recorded after this time.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Recorded before this time.' }),
    endedAfter: t.field({ type: 'DateTime', description: 'Ended after this time.' }),
    endedBefore: t.field({ type: 'DateTime', description: 'Ended before this time.' }),
    metrics: t.field({ type: [MetricConditionInput], description: 'Conditions on metrics; all must hold.' }),
  }),
});

const JobOrderFieldEnum = builder.enumType('JobOrderField', {
  description: 'What jobs can be ordered by.',
  values: {
    CREATED_AT: { description: 'The time when they were recorded.' },
    ENDED_AT: { description: 'The time when they ended; those that have not come last.' },
    NAME: { description: 'Their name, upper and lower case alike; those without come last.' },
    PROGRESS: { description: 'How far they are, in percent.' },
    METRIC: { description: 'The best value of `metric`, plainly by value; those that never reported it come last.' },
  } as const satisfies Record<JobOrderField, object>,
});

const OrderDirectionEnum = builder.enumType('OrderDirection', {
  description: 'Which end of an order comes first.',
  values: {
    ASC: { description: 'The lowest, the oldest.' },
    DESC: { description: 'The highest, the newest.' },
  } as const,
});

const JobOrderInput = builder.inputType('JobOrder', {
  description: 'The order of a list of jobs.',
  fields: (t) => ({
    field: t.field({
      type: JobOrderFieldEnum,
      required: true,
      defaultValue: 'CREATED_AT',
      description: 'What to order by.',
    }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'DESC',
      description: 'Which end comes first.',
    }),
    metric: t.string({ description: 'The name of the metric, for the field METRIC.' }),
  }),
});

builder.queryField('jobs', (t) =>
  t.connection(
    {
      type: JobRef,
      description: 'A page of jobs, the newest first.',
      args: {
        filter: t.arg({ type: JobFilterInput, description: 'Which jobs; default all.' }),
        orderBy: t.arg({ type: JobOrderInput, description: 'In which order; default the newest first.' }),
      },
      complexity: ({ first, last }) => ({ field: 5, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (_root, args, context) => listJobs(context, args),
    },
    {
      name: 'JobConnection',
      description: 'A page of jobs.',
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'How many jobs the filter lets through, all pages together.',
          resolve: ({ filter }, _args, context) => countJobs(context, filter),
        }),
        changesCursor: connection.exposeString('changesCursor', {
          description:
            'Hand it to `jobsChanged` as `after`: it then tells all that has changed since this page was read.',
        }),
      }),
    },
    { name: 'JobEdge', description: 'A job on a page.' },
  ),
);
