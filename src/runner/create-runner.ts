import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuditLog } from './audit/create-audit-log.ts';
import { createDatasetCatalogue } from './datasets/catalogue.ts';
import { createPreviews } from './datasets/preview.ts';
import { createUploads } from './datasets/upload.ts';
import { createDatasetOwners } from './storage/dataset-owners.ts';
import { createStorageLimits } from './storage/storage-limits.ts';
import { INPUT_LIMITS } from './job/input-limits.ts';
import { NO_RESOURCE_RULES } from './job/resources.ts';
import { NO_QUOTA } from './job/quota.ts';
import { createEventChannel } from './events.ts';
import { createFeeds } from './feeds/feeds.ts';
import { createMetricHistory } from './history/metric-history.ts';
import { type Home, homeAt, makeFolders } from './home.ts';
import { createLocalLauncher } from './launchers/local/create-local-launcher.ts';
import { createForkServer, type ForkServer } from './launchers/local/fork-server/create-fork-server.ts';
import type { Launcher, LauncherName } from './launchers/launcher.ts';
import { createSlurmLauncher } from './launchers/slurm/create-slurm-launcher.ts';
import { createDeleteDataset } from './life/delete-dataset.ts';
import { createDeletion } from './life/delete-jobs.ts';
import { createNewAttempts } from './life/new-attempts.ts';
import { createQueue } from './life/queue.ts';
import { createQueueControl } from './life/queue-control.ts';
import { reconcile } from './life/reconcile.ts';
import { createRetention } from './life/retention.ts';
import { createScheduler } from './life/scheduler.ts';
import { SAMPLE_DATASET } from './life/start-input.ts';
import { createSubmit } from './life/submit.ts';
import { watchHome } from './life/watch-home.ts';
import { closeFolders } from './private-folders.ts';
import { createPredictions } from './prediction/create-predictions.ts';
import { createOnnxExport } from './prediction/export-onnx.ts';
import { type Python, pythonAt } from './python/interpreter.ts';
import { createTrainerCatalogue } from './python/trainers.ts';
import { createReportReader, type ReportReader } from './reports/report-reader.ts';
import { createRunnerApi } from './runner-api.ts';
import type { RunnerSettings } from './runner-settings.ts';
import type { Runner } from './runner.ts';
import { type Database, openDatabase } from './store/database.ts';
import { createFleetRecord } from './store/fleet-record.ts';
import { createJobRecord } from './store/job-record.ts';
import { createQueueRecord } from './store/queue-record.ts';
import { createJobStore } from './store/job-store.ts';
import { createNotifications } from './webhooks/notifications.ts';

/** A node reads Python and its packages from a network drive, and its first report is visible later. */
const START_TIMEOUT_MS: Readonly<Record<LauncherName, number>> = { local: 60_000, slurm: 300_000 };
const STALLED_AFTER_MS = 60_000;
const DEFAULT_GRACE_MS = 30_000;
const SAMPLE_FILE = fileURLToPath(new URL(`../../python/trainyard/data/${SAMPLE_DATASET}`, import.meta.url));

/**
 * Takes over a home folder and everything that runs in it.
 * @throws HomeInUseError if another server has it, or a system error if it cannot be created or written
 */
export function createRunner(settings: RunnerSettings): Runner {
  const home = homeAt(resolve(settings.home));
  closeFolders(home, settings.logger);
  makeFolders(home);
  if (settings.trainers === undefined) mkdirSync(home.trainers, { recursive: true, mode: 0o700 });
  addSample(join(home.datasets, SAMPLE_DATASET));
  const database = openDatabase(home.database, home.root);
  try {
    return composeRunner(home, database, settings);
  } catch (error) {
    // Nothing else can close it, and this process would keep its lock.
    database.close();
    throw error;
  }
}

/** Puts the parts together. Each uses only parts that come before it; later communication between them goes through the events. */
function composeRunner(home: Home, database: Database, settings: RunnerSettings): Runner {
  const { logger, gpus = [] } = settings;
  const openedAt = Date.now();
  const defaultGraceMs = settings.defaultGraceMs ?? DEFAULT_GRACE_MS;
  const events = createEventChannel(logger);
  for (const listener of settings.listeners ?? []) events.subscribe(listener);

  const notifications = createNotifications({
    database,
    webhooks: settings.webhooks ?? [],
    retryWaitsMs: settings.webhookRetryWaitsMs,
    logger,
  });
  const audit = createAuditLog(database);
  const fleet = createFleetRecord(database);
  const record = createJobRecord(database, fleet);
  const jobs = createJobStore({ record, fleet, events, alsoRecord: notifications.record });

  const { promise: ready, resolve: opened, reject: failed } = Promise.withResolvers<undefined>();
  const owners = createDatasetOwners(database);
  const storage = createStorageLimits({
    home,
    index: jobs.index,
    owners,
    events,
    logger,
    ready,
    minFreeBytes: settings.minFreeBytes ?? 0,
    maxStoredBytes: settings.maxStoredBytes ?? NO_QUOTA,
    maxJobs: settings.maxJobs ?? NO_QUOTA,
    measureEveryMs: settings.measureEveryMs,
  });
  const trainersFolder = resolve(settings.trainers ?? home.trainers);
  const python = pythonAt(settings.python, settings.trainerEnv, { TRAINYARD_TRAINERS: trainersFolder });
  const trainers = createTrainerCatalogue(python, trainersFolder, home.trainerCache);
  const datasets = createDatasetCatalogue(home, python);
  const previewDataset = createPreviews(home, python);
  const predictions = createPredictions(home, python, logger);
  const uploads = createUploads(home, logger, storage);
  const metrics = createMetricHistory();

  const reports = createReportReader({ home, logger, events });
  const isLocal = (settings.launcher ?? 'local') === 'local';
  const forkServer = settings.warmStart && isLocal ? createForkServer({ home, python, logger }) : null;
  const launcher = createLauncher(settings, { home, python, forkServer, reports, gpus });
  const queue = createQueue();
  const scheduler = createScheduler({
    home,
    launcher,
    reports,
    jobs,
    queue,
    events,
    logger,
    openedAt,
    startTimeoutMs: settings.startTimeoutMs ?? START_TIMEOUT_MS[settings.launcher ?? 'local'],
    stalledAfterMs: settings.stalledAfterMs ?? STALLED_AFTER_MS,
    defaultGraceMs,
  });
  const queueControl = createQueueControl({ jobs, queue, record: createQueueRecord(database), scheduler });
  queueControl.restore();
  // A cluster accepts every job, so jobs that wait in the cluster's queue count too.
  const isFull = (joining: number) =>
    Number.isFinite(queue.freeSlots)
      ? queue.waiting + joining >= settings.maxQueued + queue.freeSlots
      : queue.waiting + queue.running + joining >= settings.maxQueued + settings.maxRunning;
  const limit = settings.maxQueued;
  const { enqueue } = scheduler;
  const resourceRules = {
    ...NO_RESOURCE_RULES,
    ...settings.resources,
    isCluster: settings.launcher === 'slurm',
  };
  const submit = createSubmit({
    home,
    storage,
    jobs,
    trainers,
    previewDataset,
    enqueue,
    nextPlace: queue.nextPlace,
    isFull,
    limit,
    resourceRules,
    gpuCount: settings.launcher === 'slurm' ? INPUT_LIMITS.gpus[1] : gpus.length,
  });
  const attempts = createNewAttempts({
    home,
    storage,
    jobs,
    events,
    trainers,
    enqueue,
    nextPlace: queue.nextPlace,
    isFull: () => isFull(0),
    limit,
    logger,
  });
  const deletion = createDeletion(home, jobs);

  // Feeds see every change from the first one on, and wait for the reconciliation before they evaluate cursors.
  const feeds = createFeeds({ index: jobs.index, fleet, events, pathOfLog: home.log, ready });
  const { filesChanged } = scheduler;
  const { logChanged } = feeds;
  const sweep = () => {
    scheduler.sweep();
    feeds.sweep();
  };
  const watch = watchHome({ home, logger, filesChanged, logChanged, sweep });
  reconcile({ jobs, submit, attempts, scheduler, deletion }).then(() => opened(undefined), failed);
  jobs.index.indexed.catch((err: unknown) => logger.error({ err }, 'cannot index the jobs; each list tests all jobs'));
  const retention = createRetention(settings.retentionMs ?? null, { deletion, ready, logger });

  async function close(): Promise<void> {
    watch[Symbol.dispose]();
    attempts.close();
    scheduler.close();
    feeds.close();
    await predictions[Symbol.asyncDispose]();
    await forkServer?.[Symbol.asyncDispose]();
    // A runner that never became ready must still close its database.
    await ready.catch(() => undefined);
    jobs.index.close();
    await jobs.index.indexed.catch(() => undefined);
    // Work in progress still needs the database.
    await scheduler.settled();
    await submit.settled();
    await uploads.settled();
    await retention.close();
    await storage.close();
    await notifications.close();
    await metrics[Symbol.asyncDispose]();
    database.close();
  }

  return createRunnerApi({
    home,
    slots: resourceRules.isCluster ? null : settings.maxRunning,
    defaultGraceMs,
    jobs,
    fleet,
    scheduler,
    queue,
    queueControl,
    resourceRules,
    launcher,
    submit,
    attempts,
    deletion,
    feeds,
    trainers,
    datasets,
    previewDataset,
    predictions,
    exportOnnx: createOnnxExport(home, python),
    uploads,
    deleteDataset: createDeleteDataset(home, jobs.index, storage),
    ownerOfDataset: owners.of,
    metrics,
    notifications,
    audit,
    ready,
    close,
  });
}

interface LauncherParts {
  readonly forkServer: ForkServer | null;
  readonly home: Home;
  readonly python: Python;
  readonly reports: ReportReader;
  readonly gpus: readonly string[];
}

function createLauncher(
  settings: RunnerSettings,
  { home, python, forkServer, reports, gpus }: LauncherParts,
): Launcher {
  const {
    launcher = 'local',
    maxRunning: slots,
    logger,
    slurmPollMs: pollMs,
    visibleAfterMs,
    silentAfterMs,
  } = settings;
  const readExit = reports.readLastExit;
  switch (launcher) {
    case 'local':
      return createLocalLauncher({ home, python, forkServer, slots, gpus, readExit, logger });
    case 'slurm':
      return createSlurmLauncher({ home, python, readExit, logger, pollMs, visibleAfterMs, silentAfterMs });
    default:
      return launcher satisfies never;
  }
}

/** Puts the sample dataset where `startTraining` looks for it, unless a file of that name exists. */
function addSample(path: string): void {
  if (!existsSync(path)) writeFileSync(path, readFileSync(SAMPLE_FILE), { mode: 0o600 });
}
