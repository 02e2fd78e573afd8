import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check, describe } from './checker.ts';
import { drawOrder } from './draw-order.ts';
import { failuresOf, sample } from './failures.ts';
import { runFailingLife } from './failing-life.ts';
import type { History } from './history.ts';
import { runOrderRound } from './order-round.ts';
import { ALL_FAULTS, KILLS_ONLY, WARM_FAULTS } from './plans.ts';
import { chosenSeed, createRandom } from './random.ts';
import { runRound, type RoundPlan } from './round.ts';

// Rounds of faults until the time is up. Every round has a seed of its own, and can be repeated alone.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: process.env['TRAINYARD_FAULT_SECONDS'] ?? '1200' },
    seed: { type: 'string' },
    round: { type: 'string' },
  },
});
const seed = values.seed === undefined ? chosenSeed() : Number(values.seed);
const seconds = Number(values.seconds);
const only = values.round === undefined ? undefined : Number(values.round);
if (!Number.isSafeInteger(seed) || !(seconds > 0) || (only !== undefined && !(only >= 1))) {
  console.error('usage: npm run test:faults -- [--seconds 1200] [--seed 1] [--round 7]');
  process.exit(2);
}

interface Report {
  readonly done: string;
  /** Violations with the histories of their jobs; empty if every promise was kept. */
  readonly broken: string;
}

/** One round of each kind, in this order, repeatedly. */
const KINDS: readonly ((seed: number) => Promise<Report>)[] = [
  (round) => servers({ ...KILLS_ONLY, seed: round }),
  (round) => servers({ ...ALL_FAULTS, seed: round }),
  (round) => servers({ ...WARM_FAULTS, seed: round }),
  failingCalls,
  order,
  (round) => servers({ ...ALL_FAULTS, seed: round }),
  (round) => servers({ ...WARM_FAULTS, seed: round }),
];

let serversKilled = 0;
let failed = 0;
const random = createRandom(seed);
const end = performance.now() + seconds * 1000;
console.log(`faults for ${seconds} s, seed ${seed}`);
for (let round = 1; performance.now() < end && round <= (only ?? Infinity); round += 1) {
  const roundSeed = random.whole(1, 2 ** 31 - 1);
  if (only !== undefined && only !== round) continue;
  const { done, broken } = await (KINDS[(round - 1) % KINDS.length] ?? failingCalls)(roundSeed);
  console.log(`round ${round}: ${done}`);
  if (broken === '') continue;
  failed += 1;
  console.error(`round ${round} broke promises; repeat it with --seed ${seed} --round ${round}:\n${broken}`);
}
console.log(
  `${serversKilled} servers were killed; ${failed === 0 ? 'every promise was kept' : `${failed} rounds failed`}; seed ${seed}`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function servers(plan: RoundPlan): Promise<Report> {
  const { history, done, output } = await runRound(plan);
  serversKilled += done.get('killServer') ?? 0;
  const faults = [...done].map(([name, count]) => `${name} ${count}`).join(', ');
  const broken = describe(check(history), history);
  return {
    done: `${outcomesOf(history)}; ${faults}`,
    broken: broken && `${broken}\n${output.slice(-4000).replaceAll(/^/gm, '    | ')}`,
  };
}

/** Jobs with dependencies and groups that are moved and paused. */
async function order(roundSeed: number): Promise<Report> {
  const random = createRandom(roundSeed);
  const plan = { seed: roundSeed, slots: random.whole(1, 6), order: drawOrder(random), isChanged: true };
  const { history, killed, ended, expected } = await runOrderRound(plan);
  serversKilled += killed;
  const wrong = ended.join() === expected.join() ? '' : `  they ended as ${ended.join()}, not as ${expected.join()}\n`;
  return {
    done: `${outcomesOf(history)} in order; killServer ${killed}`,
    broken: wrong + describe(check(history), history),
  };
}

/** Some calls of the runner fail, each in a separate run. */
async function failingCalls(roundSeed: number): Promise<Report> {
  const choice = createRandom(roundSeed);
  const { calls } = await inHome((home) => runFailingLife(home));
  const broken: string[] = [];
  const failures = sample(failuresOf(calls, choice), 25, choice);
  for (const once of failures) {
    const failure = { ...once, repeated: choice.pick([0, 0, 0, 1, 4]) };
    const name = `${failure.code} at ${failure.call}, number ${failure.occurrence}, and ${failure.repeated} more`;
    try {
      const { history } = await inHome((home) => runFailingLife(home, failure));
      const violations = describe(check(history), history);
      if (violations !== '') broken.push(`  ${name}:\n${violations}`);
    } catch (error) {
      broken.push(`  ${name}: ${String(error)}, caused by ${String((error as Error).cause)}`);
    }
  }
  return { done: `${failures.length} failing calls of the runner`, broken: broken.join('\n') };
}

async function inHome<Result>(work: (home: string) => Promise<Result>): Promise<Result> {
  const home = mkdtempSync(join(tmpdir(), 'trainyard-faults-'));
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

function outcomesOf({ record }: History): string {
  const counts = Object.groupBy(record, ({ status }) => status);
  return Object.entries(counts)
    .map(([status, jobs]) => `${jobs.length} ${status}`)
    .join(', ');
}
