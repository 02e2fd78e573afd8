import { parseArgs } from 'node:util';
import { chosenSeed } from '../faults/random.ts';
import { brokenPromises } from './check-crowd.ts';
import { runCrowd } from './crowd.ts';

// Fifty jobs at ten reports a second, two hundred subscribers that connect and drop at random, two restarts.

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? chosenSeed() : Number(values.seed);
const seconds = Number(values.seconds);
if (!Number.isSafeInteger(seed) || !(seconds >= 10)) {
  console.error('usage: npm run test:live -- [--seconds 300] [--seed 1]');
  process.exit(2);
}

console.log(`200 subscribers of 50 jobs for ${seconds} s, seed ${seed}`);
const result = await runCrowd({ seed, jobs: 50, subscribers: 200, seconds, restarts: 2, longestConnection: 20 });
const { feeds, reports } = result.history;
const count = (lists: Iterable<{ length: number }>) => [...lists].reduce((sum, { length }) => sum + length, 0);
console.log(
  [
    `${result.connections} connections`,
    `${count(feeds.map(({ messages }) => messages))} messages of jobProgress`,
    `${count(result.fleets.map(({ cursors }) => cursors))} of jobsChanged`,
    `${count(result.logs.map(({ lines }) => lines))} log lines`,
    `${count(reports.values())} reports in the history`,
  ].join(', '),
);
const broken = brokenPromises(result);
console.log(broken.length === 0 ? 'every promise was kept' : broken.join('\n'));
process.exitCode = broken.length === 0 ? 0 : 1;
