import { copyFileSync, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlreadyEndedError, InvalidInputError, JobNotFoundError } from './errors.ts';
import { isCode } from './files/read-json.ts';
import { checkedLast, readLog } from './history/log.ts';
import { createMetricHistory } from './history/metric-history.ts';
import { homeAt, makeFolders } from './home.ts';
import { isTerminal, type Job } from './job.ts';
import { createAttempts } from './attempts.ts';
import { createDeletion } from './deletion.ts';
import { createChangeLog } from './fleet/change-log.ts';
import { createFleetFeeds } from './fleet/fleet-feed.ts';
import { createFleetRecord } from './fleet/fleet-record.ts';
import { editJob } from './job-edit.ts';
import { checkFilter } from './job-filter.ts';
import { createJobs } from './jobs.ts';
import { createLife } from './life.ts';
import { createLiveJob, type LiveJob } from './live-job.ts';
import type { Logger } from './logger.ts';
import { type RunnerObserver, tellAll } from './observer.ts';
import { createNotifications } from './notifications/notifications.ts';
import type { Webhook } from './notifications/webhook.ts';
import { readBootId } from './process/identity.ts';
import { findDataset } from './datasets/find.ts';
import { createPreviews } from './datasets/preview.ts';
import { createUploads } from './datasets/upload.ts';
import { findModelFile } from './model-file.ts';
import { createDatasetCatalogue } from './python/datasets.ts';
import { pythonAt } from './python/interpreter.ts';
import { createTrainerCatalogue } from './python/trainers.ts';
import { createQueue } from './queue.ts';
import { openDatabase } from './record/database.ts';
import { createJobRecord } from './record/job-record.ts';
import type { Runner } from './runner.ts';
import { SAMPLE_DATASET } from './start-input.ts';
import { createSubmit } from './submit.ts';
import { createFeedHub } from './watch/feed-hub.ts';
import { followJob, snapshotOf } from './watch/job-feed.ts';
import { createLogFeeds } from './watch/log-feed.ts';
import { watchFolder } from './watch/watch-folder.ts';

export interface RunnerSettings {
  /** The folder under which everything lies; made when missing. */
  readonly home: string;
  /** The Python that trains: a path, or a name to be found in PATH. */
  readonly python: string;
  /** How many jobs run at once. */
  readonly maxRunning: number;
  /** How many more may wait. */
  readonly maxQueued: number;
  /** The GPUs that jobs may lease, as CUDA_VISIBLE_DEVICES names them; default none. */
  readonly gpus?: readonly string[] | undefined;
  /** Jobs that ended so long ago are deleted with all their files, ms; default never. */
  readonly retentionMs?: number | null | undefined;
  readonly logger: Logger;
  /** Told what happens; default nobody. */
  readonly observers?: readonly RunnerObserver[] | undefined;
  /** How long a launched job may take to give a sign of life, ms; default a minute: Python on a busy disk needs seconds. */
  readonly startTimeoutMs?: number | undefined;
  /** A job that reports nothing for so long is STALLED, ms; default a minute. */
  readonly stalledAfterMs?: number | undefined;
  /** Who is told of ends, failures and stalls; default nobody. */
  readonly webhooks?: readonly Webhook[] | undefined;
  /** How long to wait after each failed attempt to tell, ms; default as the Standard Webhooks recommend, three days in all. */
  readonly webhookRetryWaitsMs?: readonly number[] | undefined;
}

const DEFAULT_GRACE_SECONDS = 30;
const MAX_GRACE_SECONDS = 24 * 60 * 60;
/** How often all unfinished jobs are looked at, whatever the file system tells: it makes certain what watching makes fast. */
const SWEEP_MS = 1000;
const START_TIMEOUT_MS = 60_000;
const STALLED_AFTER_MS = 60_000;
const CLEAN_MS = 60 * 60 * 1000;
const SAMPLE_FILE = fileURLToPath(new URL(`../../python/trainyard/data/${SAMPLE_DATASET}`, import.meta.url));

/**
 * Takes over the home folder and everything that still runs in it.
 * @throws HomeInUseError when another server has it, or a system error when it cannot be made or written
 */
export function createRunner(settings: RunnerSettings): Runner {
  const { logger } = settings;
  const openedAt = Date.now();
  const observer = tellAll(settings.observers ?? [], logger);
  const home = homeAt(resolve(settings.home));
  const python = pythonAt(settings.python);
  const bootId = readBootId();
  makeFolders(home);
  addSample(join(home.datasets, SAMPLE_DATASET));
  // Last of what may fail: nobody could close it, and its lock would stay with this process.
  const database = openDatabase(home.database, home.root);

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
  const lives = new Map<string, LiveJob>();
  let closing: Promise<void> | undefined;

  const life = createLife({
    home,
    python,
    bootId,
    record,
    jobs,
    logger,
    observer,
    openedAt,
    startTimeoutMs: settings.startTimeoutMs ?? START_TIMEOUT_MS,
    stalledAfterMs: settings.stalledAfterMs ?? STALLED_AFTER_MS,
    touch,
    onEnd,
  });
  const trainers = createTrainerCatalogue(python);
  const datasets = createDatasetCatalogue(home, python);
  const uploads = createUploads(home, logger);
  const submit = createSubmit({
    home,
    jobs,
    trainers,
    enqueue,
    isFull,
    limit: settings.maxQueued,
    gpuCount: gpus.length,
  });
  const attempts = createAttempts({
    home,
    jobs,
    trainers,
    enqueue,
    isFull: () => isFull(0),
    limit: settings.maxQueued,
  });
  const deletion = createDeletion(home, jobs);

  const onFile = (name: string) => {
    if (name.endsWith('.json')) touch(name.slice(0, -'.json'.length), false);
  };
  const onLog = (name: string) => logFeeds.touch(name.replace(/\.log(\.1)?$/, ''));
  const watches = [
    watchFolder(home.jobs, onFile, logger),
    watchFolder(home.exits, onFile, logger),
    watchFolder(home.logs, onLog, logger),
  ];
  let cleanUp = Promise.resolve();
  const ready = reconcile();
  const cleaning = setInterval(clean, CLEAN_MS);
  clean();
  // Not unref-ed: an open runner keeps its process alive, so that whoever awaits a feed gets its end.
  const sweeping = setInterval(sweep, SWEEP_MS);

  function clean(): void {
    const { retentionMs } = settings;
    if (retentionMs == null || closing) return;
    cleanUp = ready
      .then(() => deletion.deleteJobs({ endedBefore: Date.now() - retentionMs }))
      .then((ids) => {
        if (ids.length > 0) logger.info({ count: ids.length }, 'deleted jobs past their retention');
      })
      .catch((error: unknown) => logger.error({ err: error }, 'cannot delete old jobs; trying again in an hour'));
  }

  /** Looks at a job soon. Any number of calls before that look are one. */
  function touch(id: string, forDeath: boolean): void {
    const live = lives.get(id);
    if (!live || closing) return;
    live.lookForDeath ||= forDeath;
    live.wasWatched ||= !forDeath;
    if (live.lookPending) return;
    live.lookPending = true;
    live
      .turn(() => {
        const proveLife = live.lookForDeath;
        const foundBy = live.wasWatched ? 'watch' : 'sweep';
        live.lookPending = false;
        live.lookForDeath = false;
        live.wasWatched = false;
        return life.look(live, proveLife, foundBy);
      })
      // Nothing is lost: the next sweep looks again.
      .catch((error: unknown) => logger.error({ err: error, jobId: id }, 'cannot look at a job'));
  }

  function sweep(): void {
    for (const watch of watches) watch.mend();
    for (const live of lives.values()) if (live.launched) touch(live.id, true);
    logHub.notifyAll();
    fillSlots();
  }

  function isFull(joining: number): boolean {
    return queue.waiting + joining >= settings.maxQueued + queue.freeSlots;
  }

  function enqueue(job: Job): void {
    const live = createLiveJob(job.id, false);
    lives.set(job.id, live);
    queue.add(live, job);
    observer.jobQueued(job);
    fillSlots();
  }

  function fillSlots(): void {
    if (closing) return;
    for (let next = queue.grant(); next; next = queue.grant()) {
      const { live, gpuDevices } = next;
      live
        .turn(() => life.launch(live, gpuDevices))
        .catch((error: unknown) => {
          logger.error({ err: error, jobId: live.id }, 'cannot launch a job; trying again');
          const job = jobs.list.get(live.id);
          // Once the launch is recorded it keeps what it was granted, and the sweep sees to it.
          if (!live.launched && job) queue.add(live, job);
        });
    }
  }

  function onEnd(live: LiveJob): void {
    lives.delete(live.id);
    queue.leave(live);
    const job = jobs.list.get(live.id);
    if (job) {
      observer.jobEnded(job);
      attempts.schedule(job);
    }
    fillSlots();
  }

  /** Takes up what the last server left: adopts the living, finishes the dead, resumes stops, goes on with the queue. */
  async function reconcile(): Promise<void> {
    const unfinished: LiveJob[] = [];
    const waiting: LiveJob[] = [];
    for (const { job, launched, idempotency } of jobs.load()) {
      if (idempotency) submit.remember(idempotency, job.id);
      if (isTerminal(job.state.status)) {
        attempts.schedule(job);
        continue;
      }
      const live = createLiveJob(job.id, launched);
      lives.set(job.id, live);
      if (launched) {
        queue.adopt(live, job.gpuDevices);
        unfinished.push(live);
      } else {
        waiting.push(live);
      }
    }
    await Promise.all(
      unfinished.map((live) =>
        live
          .turn(() => life.look(live, true, 'sweep'))
          // The sweep looks again; but nothing else adopts, so that is done whatever became of the look.
          .catch((error: unknown) => logger.error({ err: error, jobId: live.id }, 'cannot take up a job; trying again'))
          .then(() => live.turn(() => life.adopt(live)))
          .catch((error: unknown) => logger.error({ err: error, jobId: live.id }, 'cannot ask a job again to stop')),
      ),
    );
    const waitingSince = ({ id }: LiveJob) => jobs.list.get(id)?.transitions.at(-1)?.at ?? 0;
    for (const live of waiting.sort((a, b) => waitingSince(a) - waitingSince(b))) queue.add(live, existing(live.id));
    await deletion.resume();
    fillSlots();
  }

  function existing(id: string): Job {
    const job = jobs.list.get(id);
    if (!job) throw new JobNotFoundError(id);
    return job;
  }

  async function close(): Promise<void> {
    clearInterval(sweeping);
    clearInterval(cleaning);
    attempts.close();
    for (const watch of watches) watch[Symbol.dispose]();
    for (const live of lives.values()) clearTimeout(live.deadlineTimer);
    feeds.close();
    logHub.close();
    fleetFeeds.close();
    // A runner that never got ready has a database to close all the same.
    await ready.catch(() => undefined);
    // What is under way in any job's turn still needs the database.
    await Promise.all([...lives.values()].map((live) => live.turn(() => Promise.resolve())));
    await submit.settled();
    await uploads.settled();
    await cleanUp;
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
      const live = lives.get(id);
      if (live) await live.turn(() => life.stop(live, graceSeconds * 1000, 'USER'));
      return existing(id);
    },
    async resume(id, options) {
      await ready;
      return attempts.resume(id, options?.epochs);
    },
    async deleteJobs(filter) {
      if (Object.values(filter).every((condition) => condition == null)) {
        const message = 'Give at least one condition, for example a status. Nothing was deleted.';
        throw new InvalidInputError(message, ['input', 'filter']);
      }
      checkFilter(filter, ['input', 'filter']);
      await ready;
      return deletion.deleteJobs(filter);
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
      const live = lives.get(id);
      return live ? live.turn(work) : work();
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
    async checkpoint(job) {
      if (job.checkpoint === null) return null;
      const path = resolve(home.root, job.checkpoint);
      try {
        const { size, mtimeMs } = await stat(path);
        const safetensors = job.checkpoint.replace(/\.pt$/, '.safetensors');
        const hasSafetensors = safetensors !== job.checkpoint && existsSync(resolve(home.root, safetensors));
        return {
          path: job.checkpoint,
          bytes: size,
          savedAt: mtimeMs,
          safetensorsPath: hasSafetensors ? safetensors : null,
        };
      } catch (error) {
        if (isCode(error, 'ENOENT')) return null;
        throw error;
      }
    },
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
