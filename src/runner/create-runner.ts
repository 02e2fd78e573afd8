import { copyFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlreadyEndedError, InvalidInputError, JobNotFoundError } from './job/errors.ts';
import { checkedLast, readLog } from './history/log.ts';
import { createMetricHistory } from './history/metric-history.ts';
import { type Home, homeAt, makeFolders } from './home.ts';
import { isTerminal, type Job } from './job/job.ts';
import { createAttempts } from './life/resume-and-retry.ts';
import { createDeletion } from './life/deletion.ts';
import { createChangeLog } from './feeds/change-log.ts';
import { createFleetFeeds } from './feeds/fleet-feed.ts';
import { createFleetRecord } from './store/fleet-record.ts';
import { editJob } from './job/edit-job.ts';
import { checkDeletionFilter, checkFilter } from './store/job-filter.ts';
import { createJobs } from './store/job-store.ts';
import { createLiveJobs } from './life/scheduler.ts';
import { tellAll } from './telemetry.ts';
import { createNotifications } from './webhooks/notifications.ts';
import { readBootId } from './launchers/local/identity.ts';
import { findDataset } from './datasets/find.ts';
import { createPreviews } from './datasets/preview.ts';
import { createUploads } from './datasets/upload.ts';
import { describeCheckpoint, findModelFile } from './model-file.ts';
import { createDatasetCatalogue } from './datasets/catalogue.ts';
import { pythonAt } from './python/interpreter.ts';
import { createTrainerCatalogue } from './python/trainers.ts';
import { createQueue } from './life/queue.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createJobRecord } from './store/job-record.ts';
import { createRetention } from './life/retention.ts';
import type { RunnerSettings } from './runner-settings.ts';
import type { Runner } from './runner.ts';
import { SAMPLE_DATASET } from './life/start-input.ts';
import { createSubmit } from './life/submit.ts';
import { createFeedHub } from './feeds/feed-hub.ts';
import { followJob, snapshotOf } from './feeds/job-feed.ts';
import { createLogFeeds } from './feeds/log-feed.ts';
import { watchFolder } from './reports/watch-folder.ts';

const DEFAULT_GRACE_SECONDS = 30;
const MAX_GRACE_SECONDS = 24 * 60 * 60;
/** How often all unfinished jobs are looked at, whatever the file system tells: it makes certain what watching makes fast. */
const SWEEP_MS = 1000;
const START_TIMEOUT_MS = 60_000;
const STALLED_AFTER_MS = 60_000;
const SAMPLE_FILE = fileURLToPath(new URL(`../../python/trainyard/data/${SAMPLE_DATASET}`, import.meta.url));

/**
 * Takes over the home folder and everything that still runs in it.
 * @throws HomeInUseError when another server has it, or a system error when it cannot be made or written
 */
export function createRunner(settings: RunnerSettings): Runner {
  const home = homeAt(resolve(settings.home));
  makeFolders(home);
  addSample(join(home.datasets, SAMPLE_DATASET));
  const database = openDatabase(home.database, home.root);
  try {
    return runnerOn(home, database, settings);
  } catch (error) {
    // Nobody else could close it, and its lock would stay with this process.
    database.close();
    throw error;
  }
}

function runnerOn(home: Home, database: Database, settings: RunnerSettings): Runner {
  const { logger } = settings;
  const openedAt = Date.now();
  const observer = tellAll(settings.observers ?? [], logger);
  const python = pythonAt(settings.python);
  const bootId = readBootId();
  const fleet = createFleetRecord(database);
  const notifications = createNotifications({
    database,
    webhooks: settings.webhooks ?? [],
    retryWaitsMs: settings.webhookRetryWaitsMs,
    logger,
  });
  const record = createJobRecord(database, fleet, notifications);
  const feeds = createFeedHub();
  const logHub = createFeedHub();
  const logFeeds = createLogFeeds({
    hub: logHub,
    pathOf: home.log,
    current: (id) => jobs.list.get(id),
    ready: () => ready,
  });
  const metricHistory = createMetricHistory();
  const changes = createChangeLog();
  const fleetFeeds = createFleetFeeds({
    record: fleet,
    log: changes,
    current: (id) => jobs.list.get(id),
    select: (filter) => jobs.list.select(filter),
    ready: () => ready,
    onCoalesced: (count) => observer.eventsCoalesced('jobsChanged', count),
  });
  const jobs = createJobs({
    record,
    fleet,
    notifications,
    onChange(change) {
      changes.add(change);
      feeds.notify(change.jobId);
      logFeeds.touch(change.jobId);
      fleetFeeds.notify();
    },
  });
  const gpus = settings.gpus ?? [];
  const queue = createQueue(settings.maxRunning, gpus);
  const live = createLiveJobs({
    home,
    python,
    bootId,
    record,
    jobs,
    queue,
    logger,
    observer,
    openedAt,
    startTimeoutMs: settings.startTimeoutMs ?? START_TIMEOUT_MS,
    stalledAfterMs: settings.stalledAfterMs ?? STALLED_AFTER_MS,
    onEnd: (job) => attempts.schedule(job),
  });
  const isFull = (joining: number) => queue.waiting + joining >= settings.maxQueued + queue.freeSlots;
  const trainers = createTrainerCatalogue(python);
  const datasets = createDatasetCatalogue(home, python);
  const uploads = createUploads(home, logger);
  const submit = createSubmit({
    home,
    jobs,
    trainers,
    enqueue: live.enqueue,
    isFull,
    limit: settings.maxQueued,
    gpuCount: gpus.length,
  });
  const attempts = createAttempts({
    home,
    jobs,
    trainers,
    enqueue: live.enqueue,
    isFull: () => isFull(0),
    limit: settings.maxQueued,
    logger,
  });
  const deletion = createDeletion(home, jobs);

  const onFile = (name: string) => {
    if (name.endsWith('.json')) live.touch(name.slice(0, -'.json'.length), false);
  };
  const onLog = (name: string) => logFeeds.touch(name.replace(/\.log(\.1)?$/, ''));
  const watches = [
    watchFolder(home.jobs, onFile, logger),
    watchFolder(home.exits, onFile, logger),
    watchFolder(home.logs, onLog, logger),
  ];
  const ready = reconcile();
  const retention = createRetention(settings.retentionMs ?? null, { deletion, ready, logger });
  // Not unref-ed: an open runner keeps its process alive, so that whoever awaits a feed gets its end.
  const sweeping = setInterval(sweep, SWEEP_MS);
  let closing: Promise<void> | undefined;

  function sweep(): void {
    for (const watch of watches) watch.mend();
    live.sweep();
    logHub.notifyAll();
  }

  async function reconcile(): Promise<void> {
    const recorded = jobs.load();
    for (const { job, idempotency } of recorded) {
      if (idempotency) submit.remember(idempotency, job.id);
      if (isTerminal(job.state.status)) attempts.schedule(job);
    }
    await live.adopt(recorded);
    await deletion.resume();
    live.fillSlots();
  }

  function existing(id: string): Job {
    const job = jobs.list.get(id);
    if (!job) throw new JobNotFoundError(id);
    return job;
  }

  async function close(): Promise<void> {
    clearInterval(sweeping);
    attempts.close();
    for (const watch of watches) watch[Symbol.dispose]();
    live.close();
    feeds.close();
    logHub.close();
    fleetFeeds.close();
    // A runner that never got ready has a database to close all the same.
    await ready.catch(() => undefined);
    // What is under way still needs the database.
    await live.settled();
    await submit.settled();
    await uploads.settled();
    await retention.close();
    await notifications.close();
    await metricHistory[Symbol.asyncDispose]();
    database.close();
  }

  return {
    ready,
    async start(input) {
      await ready;
      return submit.submit(input);
    },
    async stop(id, options) {
      const graceSeconds = options?.graceSeconds ?? DEFAULT_GRACE_SECONDS;
      if (!(graceSeconds >= 0 && graceSeconds <= MAX_GRACE_SECONDS)) {
        throw new InvalidInputError(`graceSeconds is a number from 0 to ${MAX_GRACE_SECONDS}.`, [
          'input',
          'graceSeconds',
        ]);
      }
      await ready;
      const { status } = existing(id).state;
      if (attempts.cancel(id)) return existing(id);
      if (status === 'COMPLETED' || status === 'ERROR') throw new AlreadyEndedError(id, status);
      const one = live.get(id);
      if (one) await one.turn(() => live.life.stop(one, graceSeconds * 1000, 'USER'));
      return existing(id);
    },
    async resume(id, options) {
      await ready;
      return attempts.resume(id, options?.epochs);
    },
    async deleteJobs(filter) {
      checkDeletionFilter(filter, ['input', 'filter']);
      await ready;
      return deletion.deleteJobs(filter);
    },
    async deletableJobs(filter) {
      checkDeletionFilter(filter, ['input', 'filter']);
      await ready;
      return deletion.deletableJobs(filter);
    },
    get: (id) => jobs.list.get(id),
    list(query) {
      checkFilter(query.filter, ['filter']);
      return jobs.list.page(query);
    },
    count(filter) {
      checkFilter(filter, ['filter']);
      return jobs.list.count(filter);
    },
    counts(filter) {
      checkFilter(filter, ['filter']);
      return jobs.list.counts(filter);
    },
    async update(id, edit) {
      await ready;
      existing(id);
      const work = () => {
        jobs.replace(editJob(existing(id), edit));
        return Promise.resolve(existing(id));
      };
      // In the job's turn: a look at its files that is under way would otherwise write back what it had read before.
      return live.get(id)?.turn(work) ?? work();
    },
    watchJobs(options) {
      checkFilter(options?.filter, ['filter']);
      return fleetFeeds.open(options?.filter, options?.after);
    },
    get changesCursor() {
      return fleet.encode(fleet.newest);
    },
    snapshot: (job) => snapshotOf(job),
    watch(id, options) {
      existing(id);
      return feeds.open(
        id,
        followJob(
          () => jobs.list.get(id),
          options?.after,
          ready,
          (count) => observer.eventsCoalesced('jobProgress', count),
        ),
      );
    },
    queuePosition: (id) => queue.position(id),
    trainers,
    datasets: datasets.list,
    dataset: datasets.describe,
    datasetPreview: createPreviews(home, python),
    datasetFile: async (name) => (await findDataset(home, name))?.path ?? null,
    addDataset: uploads.add,
    async modelFile(id, form) {
      const job = jobs.list.get(id);
      return job ? findModelFile(home, job, form) : null;
    },
    async metrics(id, query = {}) {
      return metricHistory.read(home.metricsOf(existing(id).id), query);
    },
    async log(id, query = {}) {
      const { state } = existing(id);
      return readLog(home.log(id), query, { isOver: isTerminal(state.status) });
    },
    watchLog(id, query = {}) {
      existing(id);
      checkedLast(query);
      return logFeeds.open(id, query);
    },
    checkpoint: (job) => describeCheckpoint(home, job),
    get activity() {
      return {
        waiting: queue.waiting,
        running: queue.running,
        slots: settings.maxRunning,
        feeds: { jobProgress: feeds.size, jobLog: logHub.size, jobsChanged: fleetFeeds.size },
      };
    },
    notifications,
    get watching() {
      return feeds.size + logHub.size + fleetFeeds.size;
    },
    [Symbol.asyncDispose]() {
      closing ??= close();
      return closing;
    },
  };
}

/** Puts the sample where `startTraining` looks for it, unless something of that name is there. */
function addSample(path: string): void {
  if (!existsSync(path)) copyFileSync(SAMPLE_FILE, path);
}
