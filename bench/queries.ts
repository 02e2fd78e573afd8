/**
 * Number of `job` queries that a server answers per second over 16 connections, with Trainyard's limits, tokens and masking on, next to
 * stock
 * Yoga, Apollo Server, and mercurius with its compiler. `npm run bench queries`; 30 seconds.
 */
import { type Child, startChild } from './child.ts';
import { median, printGoal, printTable } from './report.ts';

const CONNECTIONS = 16;
const MILLISECONDS = 1_200;
const ROUNDS = 3;

const SERVERS = {
  trainyard: 'servers/trainyard.ts',
  'stock Yoga': 'peers/yoga.js',
  'Apollo Server': 'peers/apollo.js',
  mercurius: 'peers/mercurius.js',
};
type Name = keyof typeof SERVERS;
const NAMES = Object.keys(SERVERS) as Name[];

interface Round {
  readonly answers: number;
  readonly perSecond: number;
  /** Time to an answer, ms. */
  readonly p99: number;
  /** CPU time of the server for an answer, µs. */
  readonly cpu: number;
}

await using load = await startChild('load/requests.js');
await using stack = new AsyncDisposableStack();
const servers = {} as Record<Name, Child>;
for (const name of NAMES) servers[name] = stack.use(await startChild(SERVERS[name]));

async function measure(name: Name, milliseconds: number): Promise<Round> {
  const server = servers[name];
  const port = await server.call<number>('port');
  const before = await server.usage();
  const result = await load.call<Omit<Round, 'cpu'>>('run', port, CONNECTIONS, milliseconds);
  return { ...result, cpu: ((await server.usage()).cpu - before.cpu) / result.answers };
}

const rounds = Object.fromEntries(NAMES.map((name) => [name, [] as Round[]])) as Record<Name, Round[]>;
// The first round compiles.
for (const name of NAMES) await measure(name, MILLISECONDS);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const name of NAMES) rounds[name].push(await measure(name, MILLISECONDS));
}
const middle = (name: Name, what: keyof Round) => median(rounds[name].map((round) => round[what]));

const memory = {} as Record<Name, number>;
for (const name of NAMES) memory[name] = (await servers[name].usage()).memory / 1e6;
printTable(
  `\`job\` query over ${CONNECTIONS} connections`,
  NAMES.map((name) => ({
    server: name,
    'answers per second, median': middle(name, 'perSecond').toFixed(0),
    'p99 (ms)': middle(name, 'p99').toFixed(1),
    'CPU per answer (µs)': middle(name, 'cpu').toFixed(0),
    'CPU, ratio': `${(middle(name, 'cpu') / middle('trainyard', 'cpu')).toFixed(2)} x`,
    'memory (MB)': memory[name].toFixed(0),
  })),
);
console.log();
for (const [peer, bound] of [
  ['stock Yoga', 2],
  ['Apollo Server', 1.5],
] as const) {
  // One thread answers, so this is the ratio of answers per second too, and other programs of a busy machine change it less.
  printGoal(
    `answers of ${peer} for the same CPU time`,
    middle(peer, 'cpu') / middle('trainyard', 'cpu'),
    'at least',
    bound,
  );
}
