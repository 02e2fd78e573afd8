import { expect, test } from 'vitest';
import { check, describe as describeAll, type RuleName } from './checker.ts';
import { SCENARIOS, type ScenarioName } from './bug-scenarios.ts';
import { PLANTED_BUG, type PlantedBug } from './preload/plant-bug.ts';

interface Mutation {
  readonly title: string;
  readonly scenario: ScenarioName;
  readonly bug?: PlantedBug;
  /** A bug of the Python side (see `python/sitecustomize.py`). */
  readonly environment?: NodeJS.ProcessEnv;
  /** The promises that are seen to be broken, among others. */
  readonly broken: readonly RuleName[];
}

const MUTATIONS: readonly Mutation[] = [
  {
    title: 'a status is published without being recorded',
    scenario: 'stopAndKillServer',
    bug: {
      file: 'src/runner/store/job-store.ts',
      line: 'if (isRecorded(before, next)) {',
      wrong: 'if (before.health !== next.health) {',
    },
    broken: ['feedsAgreeWithRecord', 'nothingUnrecorded'],
  },
  {
    title: 'a failure to observe is taken for death',
    scenario: 'unobservable',
    bug: {
      file: 'src/runner/launchers/local/identity.ts',
      line: "if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined;",
      wrong: 'return undefined;',
    },
    broken: ['outcomeFitsFaults', 'endedMeansDead'],
  },
  {
    title: "the trainer's claim is published before its death is proven",
    scenario: 'lingeringTrainer',
    bug: {
      file: 'src/runner/life/attempt-executor.ts',
      line: 'for (const effect of decide(seen, factsOf(jobId, inspection), settings)) await perform(jobId, effect);',
      wrong:
        "if (report?.status === 'COMPLETED') inspection ??= { dead: null, cause: { kind: 'GONE', rebooted: false } }; for (const effect of decide(seen, factsOf(jobId, inspection), settings)) await perform(jobId, effect);",
    },
    broken: ['endedMeansDead'],
  },
  {
    title: 'a second supervisor does not heed the lock',
    scenario: 'killServerAtLaunch',
    environment: { FAULT_NO_LOCK: '1' },
    broken: ['noJobStartedTwice'],
  },
  {
    title: 'statuses are lost where several are published at once',
    scenario: 'frozenServer',
    bug: {
      file: 'src/runner/feeds/job-feed.ts',
      line: 'const next = job.transitions[seen.transitions];',
      wrong:
        'const next = job.transitions[seen.transitions] && job.transitions.at(-1); if (next) seen = { ...seen, transitions: job.transitions.length - 1 };',
    },
    broken: ['feedsAgreeWithRecord'],
  },
  {
    title: 'more jobs run than there are slots for after a restart',
    scenario: 'killServerWithQueue',
    // What is left of the loop does nothing.
    bug: {
      file: 'src/runner/life/scheduler.ts',
      line: 'for (const job of launched) queue.adopt(job);',
      wrong: 'void launched;',
    },
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
    ...(bug && { [PLANTED_BUG]: JSON.stringify(bug) }),
  });
  const noticed = check(history).map(({ rule }) => rule);
  expect(noticed).toEqual(expect.arrayContaining([...broken]));
});
