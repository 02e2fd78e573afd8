import { pauseQueue, type QueueChange, readQueue, resumeQueue, setGroupLimit } from '../resolvers/control-queue.ts';
import { moveJob } from '../resolvers/move-job.ts';
import {
  type GroupState,
  InvalidInputError,
  JobNotFoundError,
  JobNotWaitingError,
  type QueueState,
} from '../runner/index.ts';
import { builder } from './builder.ts';
import { JobRef } from './job.ts';

/** Groups that a list contains at most, in order of their names. */
const LISTED_GROUPS = 1_000;
/** Cost of a list of groups: few servers have more. */
const CHARGED_GROUPS = 20;

const QueueGroupRef = builder.objectRef<GroupState>('QueueGroup').implement({
  description: 'A group of jobs.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the group.' }),
    isPaused: t.exposeBoolean('isPaused', { description: 'True if the group is paused: none of its jobs start.' }),
    limit: t.exposeInt('limit', {
      nullable: true,
      description: 'Maximum number of its jobs that run at once; null for no limit of its own.',
    }),
    running: t.exposeInt('running', { description: 'Number of its jobs that run.' }),
    waiting: t.exposeInt('waiting', { description: 'Number of its jobs that wait.' }),
  }),
});

const QueueRef = builder.objectRef<QueueState>('Queue').implement({
  description:
    'State of the queue. `jobs(filter: {status: QUEUED}, orderBy: {field: QUEUE_POSITION, direction: ASC})` lists its jobs.',
  fields: (t) => ({
    isPaused: t.exposeBoolean('isPaused', { description: 'True if the whole queue is paused.' }),
    waiting: t.exposeInt('waiting', { description: 'Number of jobs that wait, for whatever reason.' }),
    running: t.exposeInt('running', {
      description: 'Number of slots in use. On a cluster: jobs that Slurm has, those that wait in its queue included.',
    }),
    slots: t.exposeInt('slots', {
      nullable: true,
      description: 'Total number of slots; null on a cluster, which decides itself how many jobs run.',
    }),
    groups: t.field({
      type: [QueueGroupRef],
      description:
        'Groups that have a limit, are paused, or have jobs that wait or run; by name, at most the first 1,000.',
      complexity: { field: 5, multiplier: CHARGED_GROUPS },
      resolve: ({ groups }) => groups.slice(0, LISTED_GROUPS),
    }),
  }),
});

builder.queryField('queue', (t) =>
  t.field({
    type: QueueRef,
    description: 'State of the queue.',
    complexity: 5,
    resolve: (_root, _args, context) => readQueue(context),
  }),
);

/** Common parts of the mutations that change the whole queue or a group. */
function queueChange(mutation: string, success: string) {
  const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  return {
    type: builder.objectRef<QueueChange>(`${name}Success`).implement({
      description: success,
      fields: (t) => ({ queue: t.expose('queue', { type: QueueRef, description: 'State of the queue.' }) }),
    }),
    authScopes: { admin: true },
    complexity: 10,
    errors: {
      types: [InvalidInputError],
      directResult: true as const,
      union: { name: `${name}Result`, description: `Result of \`${mutation}\`.` },
    },
  };
}

const GROUP = 'Name of the group; default: the whole queue.';

builder.mutationField('pauseQueue', (t) =>
  t.field({
    ...queueChange('pauseQueue', 'The queue or the group is paused.'),
    description:
      'Pauses the queue, or one group: no more jobs start, and running ones continue. A restart of the server keeps the pause. For admins.',
    args: { group: t.arg.string({ description: GROUP }) },
    resolve: (_root, { group }, context) => pauseQueue(context, group ?? null),
  }),
);

builder.mutationField('resumeQueue', (t) =>
  t.field({
    ...queueChange('resumeQueue', 'The pause has ended.'),
    description:
      'Ends a pause. The pause of the whole queue and those of groups are independent: each needs its own call. For admins.',
    args: { group: t.arg.string({ description: GROUP }) },
    resolve: (_root, { group }, context) => resumeQueue(context, group ?? null),
  }),
);

const SetGroupLimitInput = builder.inputType('SetGroupLimitInput', {
  description: 'Input of `setGroupLimit`.',
  fields: (t) => ({
    group: t.string({ required: true, description: 'Name of the group; it needs no jobs yet.' }),
    limit: t.int({
      description: 'Maximum number of its jobs that run at once, 1 to 100,000; null or omitted removes the limit.',
    }),
  }),
});

builder.mutationField('setGroupLimit', (t) =>
  t.field({
    ...queueChange('setGroupLimit', 'The limit was set or removed.'),
    description:
      'Limits how many jobs of a group run at once. Running jobs continue. A restart of the server keeps the limit. For admins.',
    args: { input: t.arg({ type: SetGroupLimitInput, required: true, description: 'Group and limit.' }) },
    resolve: (_root, { input }, context) => setGroupLimit(context, input),
  }),
);

const MoveJobInput = builder.inputType('MoveJobInput', {
  description: 'Input of `moveJob`. Give either `before` or `after`.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the waiting job to move.' }),
    before: t.id({ description: 'Id of the waiting job to move it in front of.' }),
    after: t.id({ description: 'Id of the waiting job to move it behind.' }),
  }),
});

builder.mutationField('moveJob', (t) =>
  t.field({
    type: JobRef,
    description:
      'Moves a waiting job right before or after another one, and gives it the priority of that one. An operator can move only its own jobs.',
    args: { input: t.arg({ type: MoveJobInput, required: true, description: 'Job and its new neighbour.' }) },
    authScopes: (_root, { input }) => ({ owner: input.id }),
    complexity: 10,
    errors: {
      types: [JobNotFoundError, JobNotWaitingError, InvalidInputError],
      directResult: false,
      result: { name: 'MoveJobSuccess', description: 'The job was moved.' },
      union: { name: 'MoveJobResult', description: 'Result of `moveJob`.' },
      dataField: { name: 'job', description: 'The job at its new position.' },
    },
    resolve: (_root, { input }, context) => moveJob(context, input),
  }),
);
