import { expect, test } from 'vitest';
import type { History } from '../faults/history.ts';
import { brokenPromises } from './check-crowd.ts';
import type { CrowdResult } from './crowd.ts';

const cursor = (number: number) => Buffer.from(`jobs:0123abcd:${number}`).toString('base64url');

const NOTHING: History = {
  slots: 1,
  requests: [],
  feeds: [],
  answers: [],
  record: [],
  starts: [],
  exits: [],
  statusFiles: new Map(),
  reports: new Map(),
  metricSteps: new Map(),
  incidents: [],
};

const good: CrowdResult = {
  history: NOTHING,
  logs: [{ jobId: 'a', lines: ['one', 'two'], log: ['one', 'two'], gaps: 0 }],
  fleets: [{ known: new Map([['a', 'COMPLETED']]), cursors: [cursor(1), cursor(2)], gaps: 0 }],
  listed: new Map([['a', 'COMPLETED']]),
  errors: [],
  connections: 2,
  killedForkServers: [],
};
const [log] = good.logs as [CrowdResult['logs'][number]];
const [fleet] = good.fleets as [CrowdResult['fleets'][number]];

test('a crowd that received everything has no findings', () => {
  expect(brokenPromises(good)).toEqual([]);
});

test.each<[string, Partial<CrowdResult>, RegExp]>([
  ['a line that is missing', { logs: [{ ...log, lines: ['one'] }] }, /1 were read/],
  ['a line that came twice', { logs: [{ ...log, lines: ['one', 'one', 'two'] }] }, /3 were read/],
  ['a gap in a log', { logs: [{ ...log, gaps: 1 }] }, /1 gaps/],
  ['a cursor that goes back', { fleets: [{ ...fleet, cursors: [cursor(2), cursor(1)] }] }, /from 2 to 1/],
  ['a cursor that comes twice', { fleets: [{ ...fleet, cursors: [cursor(2), cursor(2)] }] }, /from 2 to 2/],
  ['a change that was not sent', { fleets: [{ ...fleet, known: new Map([['a', 'RUNNING']]) }] }, /1 another status/],
  ['a job that is not there', { fleets: [{ ...fleet, known: new Map() }] }, /knew 0 of 1/],
  ['a subscription that was refused', { errors: ['no'] }, /refused/],
  ['a server that ended', { history: { ...NOTHING, incidents: ['the server ended'] } }, /the server ended/],
])('%s is noticed', (_what, wrong, expected) => {
  expect(brokenPromises({ ...good, ...wrong }).join('\n')).toMatch(expected);
});
