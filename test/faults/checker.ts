import type { History } from './history.ts';
import { endedStaysEnded, nothingUnrecorded, recordAgreesWithTrainer } from './rules/answers.ts';
import { feedsAgreeWithRecord, feedsAreLegal, feedsNeverGoBack, feedsEndOnce, endedMeansDead } from './rules/feeds.ts';
import type { Breach, Rule } from './rules/breach.ts';
import { metricsAreComplete, metricsAreServed } from './rules/metrics.ts';
import { dependenciesHold, groupsKeepLimits, pausesHold } from './rules/order.ts';
import { outcomeFitsFaults, stopSavedCheckpoint } from './rules/outcomes.ts';
import { noJobLost, noServerFailed } from './rules/promises.ts';
import { neverMoreThanSlots, noJobStartedTwice } from './rules/starts.ts';

/** A promise that a history breaks. */
export interface Violation extends Breach {
  readonly rule: RuleName;
}

const RULES = {
  noServerFailed,
  noJobLost,
  noJobStartedTwice,
  neverMoreThanSlots,
  feedsAreLegal,
  feedsEndOnce,
  feedsNeverGoBack,
  feedsAgreeWithRecord,
  endedMeansDead,
  endedStaysEnded,
  nothingUnrecorded,
  recordAgreesWithTrainer,
  metricsAreComplete,
  metricsAreServed,
  outcomeFitsFaults,
  stopSavedCheckpoint,
  dependenciesHold,
  groupsKeepLimits,
  pausesHold,
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** Every promise that `history` breaks; none if it is correct. */
export function check(history: History): Violation[] {
  return Object.entries(RULES).flatMap(([rule, broken]) =>
    [...broken(history)].map((violation) => ({ rule: rule as RuleName, ...violation })),
  );
}

/** Violations as text, each with the history of its job. */
export function describe(violations: readonly Violation[], history: History): string {
  return violations
    .map(({ rule, jobId, evidence }) => {
      const request = history.requests.find(({ jobIds }) => jobId !== null && jobIds.includes(jobId));
      const story = request?.treatment.notes.map((note) => `\n      ${note}`).join('') ?? '';
      return `  ${rule}: ${jobId ?? 'the run'}: ${evidence}${story}`;
    })
    .join('\n');
}
