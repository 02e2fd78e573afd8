import { readLog } from '../resolvers/read-log.ts';
import { yieldToEventLoop } from '../resolvers/yield-to-event-loop.ts';
import { watchLog } from '../resolvers/watch-log.ts';
import type { LogLine, LogPage } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const lastDescription =
  'Number of latest lines to return: 1 to 10,000; default 200. Fewer are returned if together they exceed 2 MiB.';

/** The cost depends on the number of lines read, not on the number of requested fields. */
function costOf({ last }: { last?: number | null | undefined }) {
  const pages = Math.max(1, Math.ceil((last ?? 200) / 200));
  return { field: 10 * pages, multiplier: pages };
}

const LogStreamEnum = builder.enumType('LogStream', {
  description: 'Output stream of a process.',
  values: {
    STDOUT: { description: 'Standard output.' },
    STDERR: { description: 'Standard error.' },
  } as const,
});

const LogLineRef = builder.objectRef<LogLine>('LogLine').implement({
  description: 'One line of a log.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description:
        'Text of the line without line ending and colours, with visible control characters. Lines over 65,536 characters, or over 8,192 on a page with more than 2 MiB, are cut and end with their full length.',
    }),
    stream: t.expose('stream', { type: LogStreamEnum, description: 'Output stream that the line was written to.' }),
    at: t.expose('at', { type: 'DateTime', description: 'Time when the line was printed.' }),
  }),
});

const LogPageRef = builder.objectRef<LogPage>('LogPage').implement({
  description: 'Consecutive lines of a log.',
  fields: (t) => ({
    lines: t.field({
      type: [LogLineRef],
      description: 'Lines, oldest first.',
      // Job.log is charged for the number of lines.
      complexity: { field: 1, multiplier: 1 },
      resolve: (page) => yieldToEventLoop(page.lines),
    }),
    cursor: t.exposeString('cursor', {
      description: 'Cursor of the end of this page: pass it as `after` to get later lines.',
    }),
    startCursor: t.exposeString('startCursor', {
      description: 'Cursor of the start of this page: pass it as `before` to get earlier lines.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'True if there are lines before this page. With `after`, true unless it starts at the first line.',
    }),
    gap: t.exposeBoolean('gap', {
      description:
        'True if the log could not continue from `after` or `before`: it was not a cursor of this log, or its lines no longer exist.',
    }),
  }),
});

builder.objectField(JobRef, 'log', (t) =>
  t.field({
    type: LogPageRef,
    description: 'Log of the job: the output of its process.',
    args: {
      last: t.arg.int({ description: lastDescription }),
      after: t.arg.string({ description: 'Return only lines after this cursor: the `cursor` of a page.' }),
      before: t.arg.string({
        description: 'Return only the latest lines before this cursor: the `startCursor` of a page. Not with `after`.',
      }),
    },
    complexity: costOf,
    tracing: true,
    resolve: (job, args, context) => readLog(context, job, args),
  }),
);

builder.subscriptionField('jobLog', (t) =>
  t.field({
    type: LogPageRef,
    description:
      'Live log of a job: first its latest lines, then pages of new lines, at most about 20 per second. The stream completes when the job has ended and its last line was sent. An unknown id is an error with `extensions.code` JOB_NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'Id of the job.' }),
      last: t.arg.int({ description: lastDescription }),
      after: t.arg.string({
        description: 'Cursor of the last page that was received: continues from there without gaps or repeats.',
      }),
    },
    complexity: costOf,
    subscribe: (_root, args, context) => watchLog(context, args),
    resolve: (page) => page,
  }),
);
