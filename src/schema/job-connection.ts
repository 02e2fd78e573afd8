import { countJobs, DEFAULT_PAGE, listJobs } from '../resolvers/list-jobs.ts';
import { builder } from './builder.ts';
import { JobStatusEnum } from './job-enums.ts';
import { JobRef } from './job.ts';

export const JobFilterInput = builder.inputType('JobFilter', {
  description: 'Which jobs: every condition given must hold.',
  fields: (t) => ({
    ids: t.idList({ description: 'One of these ids.' }),
    status: t.field({ type: [JobStatusEnum], description: 'Any of these statuses.' }),
    tags: t.stringList({ description: 'Any of these tags.' }),
    trainer: t.string({ description: 'This trainer.' }),
    dataset: t.string({ description: 'This dataset.' }),
    name: t.string({ description: 'Part of the name, upper and lower case alike.' }),
    endedBefore: t.field({ type: 'DateTime', description: 'Ended before this time.' }),
  }),
});

const JobOrderFieldEnum = builder.enumType('JobOrderField', {
  description: 'What jobs can be ordered by.',
  values: { CREATED_AT: { description: 'The time when they were recorded.' } } as const,
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
      }),
    },
    { name: 'JobEdge', description: 'A job on a page.' },
  ),
);
