/**
 * Trainyard's server with its limits, tokens and masking, over the feeds and the list of jobs of a real runner. The benchmark itself
 * reports progress, because a trainer would report ten times a second at most.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createEventChannel } from '../../src/runner/events.ts';
import { createFeeds } from '../../src/runner/feeds/feeds.ts';
import { snapshotOf } from '../../src/runner/feeds/job-feed.ts';
import { createRunner } from '../../src/runner/index.ts';
import { createJobIndex } from '../../src/runner/store/job-index.ts';
import { startServer } from '../../src/server/server.ts';
import { aJob } from '../../test/runner/job/a-job.ts';
import { tokenOf } from '../../test/support/tokens.ts';
import { answerCommands } from '../commands.ts';
import { JOB, JOB_ID, progressAt } from '../progress.ts';
import { publishSteadily } from '../topic.ts';

const home = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));
const logger = pino({ level: 'warn' });
const real = createRunner({ home, python: 'python3', maxRunning: 0, maxQueued: 1, logger });
await real.ready;

const index = createJobIndex();
const events = createEventChannel(logger);
const feeds = createFeeds({
  index,
  events,
  fleet: { newest: 0, encode: String, decode: Number } as never,
  pathOfLog: (id) => join(home, id),
  ready: real.ready,
});
const startedAt = Date.parse(JOB.startedAt);
const queued = progressAt(0);
let job = aJob({
  id: JOB_ID,
  createdAt: Date.parse(JOB.createdAt),
  startedBy: 'bench',
  state: { status: 'RUNNING', startedAt } as never,
  notes: JOB.notes,
  progress: queued,
  transitions: [
    { status: 'QUEUED', at: startedAt, progress: queued },
    { status: 'RUNNING', at: startedAt, progress: queued },
  ],
  best: { loss: { value: 0.01, step: 99, at: startedAt }, val_loss: { value: 0.02, step: 99, at: startedAt } },
  request: { name: JOB.name, tags: JOB.tags, epochs: 100 },
});
index.set(job);

function publish(): void {
  const before = job;
  job = { ...job, sequence: job.sequence + 1, progress: progressAt(job.sequence) };
  index.set(job);
  events.publish({ type: 'jobChanged', number: job.sequence, jobId: job.id, before });
}

const server = await startServer({
  settings: {
    host: '127.0.0.1',
    port: 0,
    tokens: [tokenOf('bench', 'secret')],
    allowedHosts: [],
    allowedOrigins: [],
  },
  runner: {
    ...real,
    ready: real.ready,
    get activity() {
      return { ...real.activity, feeds: feeds.open };
    },
    indexed: Promise.resolve(),
    get: (id) => index.get(id),
    snapshot: snapshotOf,
    watch: (id, options) => feeds.watchJob(id, options?.after),
  },
  logger,
});
answerCommands({
  port: () => server.port,
  publish: (count: number, pause: number, duration?: number) => publishSteadily(publish, count, pause, duration),
});
