import { CONDITION_VERB, type Dependency } from './dependency.ts';

/** Everything that can keep a waiting job from starting. */
export interface WaitFacts {
  /** The dependencies that are not met. */
  readonly unmet: readonly Dependency[];
  /** The time before which it must not start, Unix ms; null if that has passed, or if there is none. */
  readonly notBefore: number | null;
  /** Whether the whole queue is paused. */
  readonly isPaused: boolean;
  readonly group: {
    readonly name: string;
    readonly isPaused: boolean;
    readonly limit: number | null;
    readonly running: number;
  } | null;
  readonly gpus: { readonly needed: number; readonly free: number };
  readonly slots: { readonly inUse: number; readonly total: number };
}

interface WaitRule {
  readonly when: (facts: WaitFacts) => boolean;
  readonly say: (facts: WaitFacts) => string;
}

/** Number of dependencies that a reason names. */
const NAMED = 3;

/** The reason why a job waits: the first that applies. Conditions of the job come before limits of the server. */
const WAIT_RULES: readonly WaitRule[] = [
  { when: ({ unmet }) => unmet.length > 0, say: ({ unmet }) => dependencyText(unmet) },
  {
    when: ({ notBefore }) => notBefore !== null,
    say: ({ notBefore }) => `Starts not before ${new Date(notBefore ?? 0).toISOString()}.`,
  },
  { when: ({ isPaused }) => isPaused, say: () => 'The queue is paused.' },
  { when: ({ group }) => group?.isPaused === true, say: ({ group }) => `The group ${group?.name} is paused.` },
  {
    when: ({ group }) => group !== null && group.limit !== null && group.running >= group.limit,
    say: ({ group }) =>
      `The group ${group?.name} is at its limit: ${group?.running} of at most ${group?.limit} jobs are running.`,
  },
  {
    when: ({ gpus }) => gpus.needed > Math.max(0, gpus.free),
    say: ({ gpus }) => `Needs ${count(gpus.needed, 'GPU')}; ${count(Math.max(0, gpus.free), 'GPU')} free.`,
  },
  {
    when: ({ slots }) => slots.inUse >= slots.total,
    say: ({ slots }) => `No slot is free: ${slots.inUse} of ${slots.total} are in use.`,
  },
  { when: ({ gpus }) => gpus.needed > 0, say: () => 'A job ahead of it waits for more GPUs.' },
];

/** Why a job waits, as a sentence; null if nothing keeps it from starting now. */
export function waitReason(facts: WaitFacts): string | null {
  return WAIT_RULES.find(({ when }) => when(facts))?.say(facts) ?? null;
}

function dependencyText(unmet: readonly Dependency[]): string {
  const named = unmet.slice(0, NAMED).map(({ jobId, when }) => `${jobId} to ${CONDITION_VERB[when]}`);
  const more = unmet.length > NAMED ? [count(unmet.length - NAMED, 'more job')] : [];
  return `Waits for ${[...named, ...more].join(', ')}.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
