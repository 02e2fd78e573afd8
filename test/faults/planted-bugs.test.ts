import { expect, test } from 'vitest';
import { check, describe as describeAll, type RuleName } from './checker.ts';
import { SCENARIOS, type ScenarioName } from './bug-scenarios.ts';
import { breakExport, BUGS, PLANTED_BUG, type BugName } from './preload/bugs.ts';

interface Mutation {
  readonly title: string;
  readonly scenario: ScenarioName;
  /** A bug of the server. */
  readonly bug?: BugName;
  /** A bug of the Python side (see `python/sitecustomize.py`). */
  readonly environment?: NodeJS.ProcessEnv;
  /** The promises that the checker must find broken, among others. */
  readonly broken: readonly RuleName[];
}

const MUTATIONS: readonly Mutation[] = [
  {
    title: 'a status is published without being recorded',
    scenario: 'stopAndKillServer',
    bug: 'publishesWithoutRecording',
    broken: ['feedsAgreeWithRecord', 'nothingUnrecorded'],
  },
  {
    title: 'a failure to observe is taken for death',
    scenario: 'unobservable',
    bug: 'takesUnknownForDead',
    broken: ['outcomeFitsFaults', 'endedMeansDead'],
  },
  {
    title: "the trainer's claim is published before its death is proven",
    scenario: 'lingeringTrainer',
    bug: 'takesClaimForExit',
    broken: ['endedMeansDead'],
  },
  {
    title: 'a second supervisor ignores the lock',
    scenario: 'killServerAtLaunch',
    environment: { FAULT_NO_LOCK: '1' },
    broken: ['noJobStartedTwice'],
  },
  {
    title: 'statuses are lost where several are published at once',
    scenario: 'frozenServer',
    bug: 'skipsStatuses',
    broken: ['feedsAgreeWithRecord'],
  },
  {
    title: 'more jobs run than there are slots for after a restart',
    scenario: 'killServerWithQueue',
    bug: 'forgetsSlotsInUse',
    broken: ['neverMoreThanSlots'],
  },
];

const SOUND = Object.keys(SCENARIOS) as ScenarioName[];

test.each(SOUND)('without a bug the scenario %s keeps every promise', async (name) => {
  const { history } = await SCENARIOS[name]({});
  expect(describeAll(check(history), history)).toBe('');
});

test.each(MUTATIONS)('the checker notices that $title', async ({ scenario, bug, environment, broken }) => {
  const { history } = await SCENARIOS[scenario]({
    ...environment,
    ...(bug && { [PLANTED_BUG]: bug }),
  });
  const noticed = check(history).map(({ rule }) => rule);
  expect(noticed).toEqual(expect.arrayContaining([...broken]));
});

test('a bug whose function is gone is reported instead of planted', () => {
  expect(() => breakExport('forgetsSlotsInUse', {})).toThrow(/life\/queue\.ts exports no function createQueue/);
});

test('every planted bug of the server is used', () => {
  expect(MUTATIONS.flatMap(({ bug }) => bug ?? []).toSorted()).toEqual(Object.keys(BUGS).toSorted());
});
