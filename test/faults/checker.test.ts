import { expect, test } from 'vitest';
import { check, type RuleName } from './checker.ts';
import {
  type Answer,
  type Feed,
  type FeedMessage,
  type History,
  type Order,
  type Request,
  untouched,
} from './history.ts';

const ID = 'job_1_00000000';
const STATUSES = ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED'] as const;

/** A job of ten steps, five epochs, whose history is correct. */
function sound(): History {
  return {
    slots: 1,
    requests: [request()],
    feeds: [feed()],
    answers: [answer(), answer()],
    record: [{ jobId: ID, status: 'COMPLETED', transitions: STATUSES }],
    starts: [start('SUPERVISOR', 10, 1), start('TRAINER', 11, 2)],
    exits: [{ jobId: ID, attempt: 1, exitCode: 0, signal: null, finishedAt: 9 }],
    statusFiles: new Map([[ID, STATUSES]]),
    reports: new Map([[ID, [1, 2, 4, 5, 6, 8, 10].map((step) => ({ attempt: 1, step, at: 2 + step / 2 }))]]),
    metricSteps: new Map([[ID, [1, 2, 4, 5, 6, 8, 10]]]),
    incidents: [],
  };
}

function request(treatment: Partial<Request['treatment']> = {}): Request {
  return { key: 'a', jobIds: [ID, ID], steps: 10, stepsPerEpoch: 2, treatment: { ...untouched(), ...treatment } };
}

function feed(messages: readonly FeedMessage[] = STATUSES.map(message)): Feed {
  return { reader: 'r', jobId: ID, messages, completed: true, errors: [], aliveAtEnd: [] };
}

function message(status: FeedMessage['status'], index: number): FeedMessage {
  return { cursor: `c${index}`, status, percent: index, step: index, updatedAt: index, gap: false };
}

function answer(changes: Partial<Answer> = {}): Answer {
  const end = { finishedAt: '1970-01-01T00:00:09.000Z', checkpoint: `models/${ID}.txt` };
  return { jobId: ID, status: 'COMPLETED', reason: null, signal: null, ...end, ...changes };
}

function start(role: 'SUPERVISOR' | 'TRAINER', pid: number, at: number, jobId = ID) {
  return { role, jobId, attempt: 1, pid, startTime: String(pid), at };
}

const messages = STATUSES.map(message);
const stopped = ['QUEUED', 'STARTING', 'RUNNING', 'STOPPING', 'STOPPED'] as const;

function ordered(order: Partial<Order>): Order {
  return { dependsOn: new Map(), groups: [], pauses: [], ...order };
}

/** Two jobs that run at the same time. */
function twoJobs(): Pick<History, 'starts' | 'exits'> {
  return {
    starts: [start('TRAINER', 11, 2), start('TRAINER', 12, 3, 'job_2_00000000')],
    exits: [ID, 'job_2_00000000'].map((jobId) => ({ ...exit(), jobId })),
  };
}

/** Histories with one error, and the rule that must report it. */
const WRONG: readonly [string, RuleName, Partial<History>][] = [
  ['a server that ended on its own', 'noServerFailed', { incidents: ['the server ended with 1'] }],
  ['a request that got no answer', 'noJobLost', { requests: [request(), { ...request(), key: 'b', jobIds: [] }] }],
  ['a key that gave two jobs', 'noJobLost', { requests: [{ ...request(), jobIds: [ID, 'job_2_00000000'] }] }],
  ['a job that is not recorded', 'noJobLost', { record: [] }],
  ['a job that no client requested', 'noJobLost', { requests: [] }],
  ['a job that never ended', 'noJobLost', { answers: [answer({ status: 'RUNNING' })] }],
  [
    'a job that starts before its dependency has ended',
    'dependenciesHold',
    { order: ordered({ dependsOn: new Map([[ID, [{ jobId: 'job_2_00000000', when: 'AFTER_OK' }]]]) }), ...twoJobs() },
  ],
  [
    'a job that starts after the failure of a dependency',
    'dependenciesHold',
    {
      order: ordered({ dependsOn: new Map([[ID, [{ jobId: 'job_2_00000000', when: 'AFTER_FAILURE' }]]]) }),
      ...twoJobs(),
    },
  ],
  [
    'more jobs of a group than its limit',
    'groupsKeepLimits',
    { order: ordered({ groups: [{ name: 'g', limit: 1, jobIds: [ID, 'job_2_00000000'] }] }), ...twoJobs() },
  ],
  ['a start in a pause', 'pausesHold', { order: ordered({ pauses: [{ from: 1, to: 3 }] }) }],
  ['two trainers', 'noJobStartedTwice', { starts: [start('TRAINER', 11, 2), start('TRAINER', 12, 3)] }],
  [
    'more jobs than slots',
    'neverMoreThanSlots',
    {
      starts: [start('TRAINER', 11, 2), start('TRAINER', 12, 3, 'job_2_00000000')],
      exits: [ID, 'job_2_00000000'].map((jobId) => ({ ...exit(), jobId })),
    },
  ],
  ['a status that goes back', 'feedsAreLegal', { feeds: [feed([...messages.slice(0, 4), message('LOADING', 4)])] }],
  ['an event after the end', 'feedsAreLegal', { feeds: [feed([...messages, message('RUNNING', 5)])] }],
  ['a feed that failed', 'feedsAreLegal', { feeds: [{ ...feed(), errors: ['JOB_NOT_FOUND'] }] }],
  ['two terminal events', 'feedsEndOnce', { feeds: [feed([...messages, message('COMPLETED', 5)])] }],
  ['no terminal event', 'feedsEndOnce', { feeds: [feed(messages.slice(0, 4))] }],
  ['a stream that stays open', 'feedsEndOnce', { feeds: [{ ...feed(), completed: false }] }],
  [
    'a step that falls',
    'feedsNeverGoBack',
    { feeds: [feed(messages.map((m, i) => ({ ...m, step: i === 3 ? 0 : i })))] },
  ],
  ['a cursor that comes twice', 'feedsNeverGoBack', { feeds: [feed(messages.map((m) => ({ ...m, cursor: 'c' })))] }],
  ['a gap', 'feedsNeverGoBack', { feeds: [feed(messages.map((m) => ({ ...m, gap: true })))] }],
  ['a status that was skipped', 'feedsAgreeWithRecord', { feeds: [feed(messages.filter((_, i) => i !== 2))] }],
  ['a process that lives after the end', 'endedMeansDead', { feeds: [{ ...feed(), aliveAtEnd: [11] }] }],
  [
    'an outcome that changes',
    'endedStaysEnded',
    { answers: [answer({ status: 'ERROR', reason: 'SIGNAL' }), answer()] },
  ],
  ['an end that moves', 'endedStaysEnded', { answers: [answer({ finishedAt: null }), answer()] }],
  [
    'an end that is not recorded',
    'nothingUnrecorded',
    { record: [{ jobId: ID, status: 'RUNNING', transitions: STATUSES }] },
  ],
  [
    'a status of the trainer that is not recorded',
    'recordAgreesWithTrainer',
    { statusFiles: new Map([[ID, ['RUNNING']]]) },
  ],
  ['a report that is missing', 'metricsAreComplete', { reports: reports(1, 2, 4, 6, 8, 10) }],
  ['a report that is repeated', 'metricsAreComplete', { reports: reports(1, 2, 4, 5, 5, 6, 8, 10) }],
  ['a completed job without its last report', 'metricsAreComplete', { reports: reports(1, 2, 4, 5, 6, 8) }],
  ['a report that the API does not give', 'metricsAreServed', { metricSteps: new Map([[ID, [1, 2, 4, 5, 6, 8]]]) }],
  [
    'a job that failed for no reason',
    'outcomeFitsFaults',
    { answers: [answer({ status: 'ERROR', reason: 'VANISHED' })] },
  ],
  [
    'a kill that is not a failure',
    'outcomeFitsFaults',
    { requests: [request({ trainerKilled: true })], exits: [{ ...exit(), exitCode: null, signal: 'SIGKILL' }] },
  ],
  [
    'a stop that was forgotten',
    'outcomeFitsFaults',
    { requests: [request({ stop: 'YES' })], reports: reports(1, 2, 4) },
  ],
  [
    'a stop that saved nothing',
    'stopSavedCheckpoint',
    {
      requests: [request({ stop: 'YES', stopWasPatient: true })],
      answers: [answer({ status: 'STOPPED', checkpoint: null })],
      feeds: [feed(stopped.map(message))],
    },
  ],
];

function exit() {
  return { jobId: ID, attempt: 1, exitCode: 0 as number | null, signal: null as string | null, finishedAt: 9 };
}

function reports(...steps: number[]): History['reports'] {
  return new Map([[ID, steps.map((step) => ({ attempt: 1, step, at: 2 + step / 2 }))]]);
}

test('a history without a fault breaks no rule', () => {
  expect(check(sound())).toEqual([]);
});

test.each(WRONG)('%s breaks %s', (_, rule, wrong) => {
  const violations = check({ ...sound(), ...wrong });
  expect(violations.map((violation) => violation.rule)).toContain(rule);
});

test('a job that was stopped, killed or orphaned may end as the protocol allows', () => {
  const killed = { ...exit(), exitCode: null, signal: 'SIGKILL' };
  const part = { reports: reports(1, 2, 4), metricSteps: new Map([[ID, [1, 2, 4]]]) };
  const outcome = (treatment: Partial<Request['treatment']>, changes: Partial<Answer>, exits: History['exits']) =>
    check({ ...sound(), ...part, requests: [request(treatment)], answers: [answer(changes)], exits }).filter(
      ({ rule }) => rule === 'outcomeFitsFaults',
    );
  expect(outcome({ trainerKilled: true }, { status: 'ERROR', reason: 'SIGNAL', signal: 'SIGKILL' }, [killed])).toEqual(
    [],
  );
  expect(outcome({ trainerKilled: true, supervisorKilled: true }, { status: 'ERROR', reason: 'VANISHED' }, [])).toEqual(
    [],
  );
  expect(outcome({ supervisorKilled: true }, {}, [])).toEqual([]);
  expect(outcome({ stop: 'YES' }, { status: 'STOPPED' }, [exit()])).toEqual([]);
  expect(outcome({ stop: 'YES', trainerKilled: true }, { status: 'STOPPED' }, [killed])).toEqual([]);
});
