/**
 * Cost of one message with 1,000 WebSocket subscribers of one job, compared with stock graphql-ws, mercurius, and the minimum: a frame that
 * is built once and written to each connection. Then the messages that arrive, and the memory, when more events come than can be sent. `npm
 * run bench fan-out`; 40 seconds.
 */
import { type Child, startChild } from './child.ts';
import { median, printGoal, printTable } from './report.ts';

const SUBSCRIBERS = 1_000;
/** Events of a round, and the time between them, ms: slow enough that no message is merged. */
const EVENTS = 10;
const PAUSE = 120;
const ROUNDS = 3;
/** A flood: the time between two events, and its duration, ms. */
const FLOOD_PAUSE = 5;
const FLOOD_DURATION = 2_000;

const SERVERS = {
  'prebuilt frame': 'peers/raw-frame.js',
  trainyard: 'servers/trainyard.ts',
  'graphql-ws': 'peers/graphql-ws.js',
  mercurius: 'peers/mercurius.js',
};
type Name = keyof typeof SERVERS;
const NAMES = Object.keys(SERVERS) as Name[];

await using subscribers = await startChild('load/subscribers.js');
await using stack = new AsyncDisposableStack();
const servers = {} as Record<Name, Child>;
for (const name of NAMES) servers[name] = stack.use(await startChild(SERVERS[name]));

/** CPU time of the server per message, µs. */
async function measureMessages(name: Name): Promise<number> {
  const server = servers[name];
  await subscribers.call('reset', name);
  const before = await server.usage();
  await server.call('publish', EVENTS, PAUSE);
  const messages = await subscribers.call<number>('settle', name);
  const after = await server.usage();
  return (after.cpu - before.cpu) / messages;
}

/** Messages that arrived by the end of a flood, and the memory of the server then, MB. */
async function measureFlood(name: Name): Promise<{ messages: number; memory: number }> {
  await subscribers.call('reset', name);
  await servers[name].call('publish', Number.MAX_SAFE_INTEGER, FLOOD_PAUSE, FLOOD_DURATION);
  const messages = await subscribers.call<number>('frames', name);
  return { messages, memory: (await servers[name].usage()).memory / 1e6 };
}

const idle = {} as Record<Name, number>;
for (const name of NAMES) {
  await subscribers.call('open', name, await servers[name].call<number>('port'), SUBSCRIBERS);
  await measureMessages(name);
  idle[name] = (await servers[name].usage()).memory / 1e6;
}
const costs = Object.fromEntries(NAMES.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
for (let round = 0; round < ROUNDS; round += 1) {
  // Measured alternately, so that a busy machine slows all of them down.
  for (const name of NAMES) costs[name].push(await measureMessages(name));
}
const cost = (name: Name) => median(costs[name]);
const floods = {} as Record<Name, { messages: number; memory: number }>;
for (const name of NAMES) {
  floods[name] = await measureFlood(name);
  await subscribers.call('close', name);
}

printTable(
  `Fan-out to ${SUBSCRIBERS} subscribers`,
  NAMES.map((name) => ({
    server: name,
    'CPU per message, median (µs)': cost(name).toFixed(1),
    worst: Math.max(...costs[name]).toFixed(1),
    ratio: `${(cost(name) / cost('prebuilt frame')).toFixed(2)} x`,
    'memory (MB)': idle[name].toFixed(0),
    'messages of a flood': String(floods[name].messages),
    'memory after it (MB)': floods[name].memory.toFixed(0),
  })),
);
console.log();
printGoal('CPU per message, of the prebuilt frame', cost('trainyard') / cost('prebuilt frame'), 'at most', 1.5);
printGoal('CPU per message, less than graphql-ws', cost('graphql-ws') / cost('trainyard'), 'at least', 2.5);
printGoal('CPU per message, less than mercurius', cost('mercurius') / cost('trainyard'), 'at least', 2);
const flood = (name: Name) => floods[name].messages;
printGoal('messages of a flood, of graphql-ws', flood('trainyard') / flood('graphql-ws'), 'at least', 4);
printGoal('memory after it, of graphql-ws', floods.trainyard.memory / floods['graphql-ws'].memory, 'at most', 0.35);
