import { parseArgs } from 'node:util';
import { chosenSeed } from '../faults/random.ts';
import { brokenPromises } from './check-crowd.ts';
import { runCrowd } from './crowd.ts';

// Seventy-five jobs with ten reports a second, fifty at a time, two hundred subscribers that connect and drop at random, two restarts, and
// a fork server that is killed at random instants while jobs start. Only Linux has a fork server.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '75' },
    subscribers: { type: 'string', default: '200' },
    seed: { type: 'string' },
  },
});
const seed = values.seed === undefined ? chosenSeed() : Number(values.seed);
const seconds = Number(values.seconds);
const jobs = Number(values.jobs);
const subscribers = Number(values.subscribers);
if (!Number.isSafeInteger(seed) || !(seconds >= 10) || !(jobs >= 1) || !(subscribers >= 1)) {
  console.error('usage: npm run test:live -- [--seconds 300] [--jobs 75] [--subscribers 200] [--seed 1]');
  process.exit(2);
}

console.log(`${subscribers} subscribers of ${jobs} jobs for ${seconds} s, seed ${seed}`);
const result = await runCrowd({
  seed,
  jobs,
  slots: Math.ceil((jobs * 2) / 3),
  subscribers,
  seconds,
  restarts: 2,
  longestConnection: 20,
  warmStart: process.platform === 'linux',
});
const { feeds, reports } = result.history;
const count = (lists: Iterable<{ length: number }>) => [...lists].reduce((sum, { length }) => sum + length, 0);
const orphans = result.killedForkServers.reduce((sum, { supervisors }) => sum + supervisors, 0);
console.log(
  [
    `${result.connections} connections`,
    `${count(feeds.map(({ messages }) => messages))} messages of jobProgress`,
    `${count(result.fleets.map(({ cursors }) => cursors))} of jobsChanged`,
    `${count(result.logs.map(({ lines }) => lines))} log lines`,
    `${count(reports.values())} reports in the history`,
    `${result.killedForkServers.length} fork servers killed while they had ${orphans} supervisors`,
  ].join(', '),
);
const broken = brokenPromises(result);
console.log(broken.length === 0 ? 'every promise was kept' : broken.join('\n'));
process.exitCode = broken.length === 0 ? 0 : 1;
