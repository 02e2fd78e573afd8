import { readLog } from '../resolvers/read-log.ts';
import { inTurns } from '../resolvers/turns.ts';
import { watchLog } from '../resolvers/watch-log.ts';
import type { LogLine, LogPage } from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

const lastDescription =
  'The newest so many lines: 1 to 10,000, default 200. Fewer when they are long: a page has at most 2 MiB.';

/** By the lines that are read, however few fields of them are asked for. */
function costOf({ last }: { last?: number | null | undefined }) {
  const pages = Math.max(1, Math.ceil((last ?? 200) / 200));
  return { field: 10 * pages, multiplier: pages };
}

const LogStreamEnum = builder.enumType('LogStream', {
  description: 'Where a process wrote a line to.',
  values: {
    STDOUT: { description: 'Its standard output.' },
    STDERR: { description: 'Its standard error.' },
  } as const,
});

const LogLineRef = builder.objectRef<LogLine>('LogLine').implement({
  description: 'One line that a process printed.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description:
        'The line without its end, without colours, and with control characters made visible. A line over 65,536 characters is cut, and ends with its length.',
    }),
    stream: t.expose('stream', { type: LogStreamEnum, description: 'Where it was written to.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was printed.' }),
  }),
});

const LogPageRef = builder.objectRef<LogPage>('LogPage').implement({
  description: 'Some consecutive lines of a log.',
  fields: (t) => ({
    lines: t.field({
      type: [LogLineRef],
      description: 'Oldest first.',
      // Job.log is charged for the number of lines.
      complexity: { field: 1, multiplier: 1 },
      resolve: (page) => inTurns(page.lines),
    }),
    cursor: t.exposeString('cursor', { description: 'Hand it back as `after` for what is printed later.' }),
    gap: t.exposeBoolean('gap', {
      description:
        'True when the log could not go on behind `after`, because that was no cursor of it or its lines are gone.',
    }),
  }),
});

builder.objectField(JobRef, 'log', (t) =>
  t.field({
    type: LogPageRef,
    description: 'What its process printed.',
    args: {
      last: t.arg.int({ description: lastDescription }),
      after: t.arg.string({ description: 'Only what came after the page that gave this cursor.' }),
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
      'What the process of a job prints, live: first its newest lines, then pages of what comes, at most about 20 a second. When the job has ended and the last line is told, the stream completes. An unknown id is an error with `extensions.code` JOB_NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the job.' }),
      last: t.arg.int({ description: lastDescription }),
      after: t.arg.string({
        description: 'The `cursor` of the last page that was received: goes on from there, without gap or repeat.',
      }),
    },
    complexity: costOf,
    subscribe: (_root, args, context) => watchLog(context, args),
    resolve: (page) => page,
  }),
);
