import { parseArgs } from 'node:util';
import { check, describe } from './checker.ts';
import { ALL_FAULTS, KILLS_ONLY } from './plans.ts';
import { chosenSeed, createRandom } from './random.ts';
import { runRound, type RoundPlan } from './round.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: process.env['TRAINYARD_FAULT_SECONDS'] ?? '1200' },
    seed: { type: 'string' },
    round: { type: 'string' },
  },
});
const seed = values.seed === undefined ? chosenSeed() : Number(values.seed);
const seconds = Number(values.seconds);
if (!Number.isSafeInteger(seed) || !(seconds > 0)) {
  console.error('usage: npm run test:faults -- [--seconds 1200] [--seed 1] [--round 7]');
  process.exit(2);
}

console.log(`faults for ${seconds} s, seed ${seed}`);
const end = performance.now() + seconds * 1000;
const random = createRandom(seed);
let kills = 0;
let failed = 0;
for (let round = 1; performance.now() < end; round += 1) {
  // Every third round only kills servers: that is where the most has to be taken up again.
  const plan: RoundPlan = { ...(round % 3 === 1 ? KILLS_ONLY : ALL_FAULTS), seed: random.whole(1, 2 ** 31 - 1) };
  if (values.round !== undefined && Number(values.round) !== round) continue;
  const { history, done, output } = await runRound(plan);
  const violations = check(history);
  kills += done.get('killServer') ?? 0;
  const faults = [...done].map(([name, count]) => `${name} ${count}`).join(', ');
  console.log(`round ${round}, seed ${plan.seed}: ${outcomesOf(history)}; ${faults}; servers killed so far: ${kills}`);
  if (violations.length > 0) {
    failed += 1;
    console.error(`round ${round} broke promises (repeat with --seed ${seed} --round ${round}):`);
    console.error(describe(violations, history));
    console.error(output.slice(-4000).replaceAll(/^/gm, '    | '));
  }
  if (values.round !== undefined) break;
}
console.log(failed === 0 ? 'every promise was kept' : `${failed} rounds broke promises; seed ${seed}`);
process.exitCode = failed === 0 ? 0 : 1;

function outcomesOf({ record }: { record: readonly { status: string }[] }): string {
  const counts = Object.groupBy(record, ({ status }) => status);
  return Object.entries(counts)
    .map(([status, jobs]) => `${jobs?.length ?? 0} ${status}`)
    .join(', ');
}
