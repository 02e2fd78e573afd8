import { definedGoals } from './job/best-values.ts';
import type { ResourceRules } from './job/resources.ts';
import type { AuditLog } from './audit/audit.ts';
import type { PreviewDataset } from './datasets/preview.ts';
import { findDataset } from './datasets/find.ts';
import type { DatasetCatalogue } from './datasets/catalogue.ts';
import type { Uploads } from './datasets/upload.ts';
import { snapshotOf } from './feeds/job-feed.ts';
import type { Feeds } from './feeds/feeds.ts';
import { checkedLast, readLog } from './history/log.ts';
import { logText } from './history/log-text.ts';
import type { MetricHistory } from './history/metric-history.ts';
import type { Home } from './home.ts';
import { editJob } from './job/edit-job.ts';
import { AlreadyEndedError, InvalidInputError, JobNotFoundError } from './job/errors.ts';
import { shorten } from './job/shorten.ts';
import { visibleLine } from './job/visible-text.ts';
import { isTerminal } from './job/status.ts';
import type { Job } from './job/types.ts';
import type { Launcher } from './launchers/launcher.ts';
import type { DeleteDataset } from './life/delete-dataset.ts';
import type { Deletion } from './life/delete-jobs.ts';
import type { NewAttempts } from './life/new-attempts.ts';
import type { Queue } from './life/queue.ts';
import type { QueueControl } from './life/queue-control.ts';
import type { Scheduler } from './life/scheduler.ts';
import type { Submit } from './life/submit.ts';
import type { Predictions } from './prediction/create-predictions.ts';
import type { ExportOnnx } from './prediction/export-onnx.ts';
import type { TrainerDescription } from './python/trainer-description.ts';
import { readEvaluation } from './reports/evaluation-file.ts';
import { describeCheckpoint, findModelFile } from './reports/model-file.ts';
import { describeOutputFiles, findOutputFile, listOutputFiles } from './reports/output-files.ts';
import { readProvenance } from './reports/provenance-file.ts';
import type { Runner } from './runner.ts';
import type { DatasetOwners } from './storage/dataset-owners.ts';
import type { FleetRecord } from './store/fleet-record.ts';
import { checkDeletionFilter, checkFilter } from './store/job-filter.ts';
import type { JobStore } from './store/job-store.ts';
import type { Notifications } from './webhooks/notifications.ts';

const MAX_GRACE_SECONDS = 24 * 60 * 60;

/** The parts that the API of a runner is made of. */
export interface RunnerParts {
  readonly home: Home;
  /** Null if the launcher has a queue of its own. */
  readonly slots: number | null;
  readonly defaultGraceMs: number;
  readonly jobs: JobStore;
  readonly fleet: FleetRecord;
  readonly scheduler: Scheduler;
  readonly queue: Queue;
  readonly queueControl: QueueControl;
  readonly launcher: Launcher;
  readonly submit: Submit;
  readonly attempts: NewAttempts;
  readonly deletion: Deletion;
  readonly feeds: Feeds;
  readonly trainers: () => Promise<readonly TrainerDescription[]>;
  readonly datasets: DatasetCatalogue;
  readonly previewDataset: PreviewDataset;
  readonly predictions: Predictions;
  readonly exportOnnx: ExportOnnx;
  readonly uploads: Uploads;
  readonly deleteDataset: DeleteDataset;
  readonly resourceRules: ResourceRules;
  readonly ownerOfDataset: DatasetOwners['of'];
  readonly metrics: MetricHistory;
  readonly notifications: Notifications;
  readonly audit: AuditLog;
  readonly ready: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Checks arguments and passes each call on to the part that does it. */
export function createRunnerApi(parts: RunnerParts): Runner {
  const { home, jobs, fleet, scheduler, queue, launcher, submit, attempts, deletion, feeds, ready } = parts;
  const { datasets, uploads, metrics } = parts;
  const { index } = jobs;
  let closing: Promise<void> | undefined;

  function existing(id: string): Job {
    const job = index.get(id);
    if (!job) throw new JobNotFoundError(id);
    return job;
  }

  /** Why an engine with its own queue does not start a job that it has accepted. */
  function externalReason({ handle, state }: Job): string | null {
    return handle && !isTerminal(state.status) ? (launcher.waitingFor?.(handle) ?? null) : null;
  }

  return {
    ready,
    async start(input, options) {
      await ready;
      return submit.submit(input, options ?? {});
    },
    async startAll(inputs, options) {
      await ready;
      return submit.submitAll(inputs, options ?? {});
    },
    async startPrediction({ jobId, dataset, options: read }, options) {
      await ready;
      const job = existing(jobId);
      await parts.predictions.check(job);
      const name = `Predictions for ${shorten(visibleLine(dataset), 150)}`;
      return submit.submit({ trainer: 'prediction', dataset, name, options: { ...read, model: jobId } }, options ?? {});
    },
    async stop(id, options) {
      const graceMs = options?.graceSeconds == null ? parts.defaultGraceMs : checkedGrace(options.graceSeconds) * 1000;
      await ready;
      const { status } = existing(id).state;
      if (attempts.cancel(id)) return existing(id);
      if (status === 'COMPLETED' || status === 'ERROR') throw new AlreadyEndedError(id, status);
      await scheduler.stop(id, { cause: 'USER', graceMs });
      return existing(id);
    },
    async resume(id, options) {
      await ready;
      return attempts.resume(id, options ?? {});
    },
    async deleteJobs(filter, options) {
      checkDeletionFilter(filter, ['input', 'filter']);
      await ready;
      await index.indexed;
      return deletion.deleteJobs(filter, options?.startedBy);
    },
    async deletableJobs(filter, options) {
      checkDeletionFilter(filter, ['input', 'filter']);
      await ready;
      await index.indexed;
      return deletion.deletableJobs(filter, options?.startedBy);
    },
    get indexed() {
      return index.indexed;
    },
    get: (id) => index.get(id),
    list(query) {
      checkFilter(query.filter, ['filter']);
      return index.page(query);
    },
    count(filter) {
      checkFilter(filter, ['filter']);
      return index.count(filter);
    },
    counts(filter) {
      checkFilter(filter, ['filter']);
      return index.counts(filter);
    },
    async update(id, edit) {
      await ready;
      existing(id);
      // A look at the job's files that is in progress would otherwise write back files that it had read before.
      return scheduler.exclusively(id, () => {
        const edited = editJob(existing(id), edit);
        jobs.replace(edited);
        if (queue.position(id) !== null) queue.add(edited);
        return Promise.resolve(existing(id));
      });
    },
    watchJobs(options) {
      checkFilter(options?.filter, ['filter']);
      return feeds.watchFleet(options?.filter, options?.after);
    },
    get changesCursor() {
      return fleet.encode(fleet.newest);
    },
    snapshot: (job) => snapshotOf(job),
    watch(id, options) {
      existing(id);
      return feeds.watchJob(id, options?.after);
    },
    queuePosition: (id) => queue.position(id),
    waitingFor: (job) => queue.waitingFor(job) ?? externalReason(job),
    resourceRules: parts.resourceRules,
    get queue() {
      const { waiting, running, isPaused } = queue;
      return { waiting, running, slots: parts.slots, isPaused, groups: queue.groups() };
    },
    async pauseQueue(group = null) {
      await ready;
      parts.queueControl.setPaused(group, true);
    },
    async resumeQueue(group = null) {
      await ready;
      parts.queueControl.setPaused(group, false);
    },
    async setGroupLimit(group, limit) {
      await ready;
      parts.queueControl.setGroupLimit(group, limit);
    },
    async moveJob(id, move) {
      await ready;
      return parts.queueControl.move(id, move);
    },
    attempt: ({ handle }) => handle && launcher.describe(handle),
    trainers: async () => (await parts.trainers()).filter(({ isHidden }) => !isHidden),
    datasets: datasets.list,
    dataset: datasets.describe,
    datasetPreview: parts.previewDataset,
    predict: async (id, rows, options) => parts.predictions.predict(existing(id), rows, options),
    model: async (id, options) => parts.predictions.describe(existing(id), options),
    exportOnnx: async (id, signal) => parts.exportOnnx(existing(id), signal),
    datasetFile: async (name) => (await findDataset(home, name))?.path ?? null,
    addDataset: uploads.add,
    async deleteDataset(name) {
      await ready;
      return parts.deleteDataset(name);
    },
    datasetOwner: parts.ownerOfDataset,
    async modelFile(id, form) {
      const job = index.get(id);
      return job ? findModelFile(home, job, form) : null;
    },
    async metrics(id, query = {}) {
      const { best } = existing(id);
      return metrics.read(home.metricsOf(id), { goals: definedGoals(best), ...query });
    },
    async log(id, query = {}) {
      const { state } = existing(id);
      return readLog(home.log(id), query, { isOver: isTerminal(state.status) });
    },
    watchLog(id, query = {}) {
      existing(id);
      checkedLast(query);
      return feeds.watchLog(id, query);
    },
    checkpoint: (job) => describeCheckpoint(home, job),
    outputFiles: ({ id }) => listOutputFiles(home, id),
    describeOutputFiles: ({ id }, paths) => describeOutputFiles(home, id, paths),
    outputFile: async (id, path) => (index.get(id) ? findOutputFile(home, id, path) : null),
    evaluation: ({ id }) => readEvaluation(home, id),
    provenance: ({ id }) => readProvenance(home, id),
    logText: (id) => logText(home.log(existing(id).id)),
    get activity() {
      return { waiting: queue.waiting, running: queue.running, slots: parts.slots, feeds: feeds.open };
    },
    notifications: parts.notifications,
    audit: parts.audit,
    get watching() {
      return Object.values(feeds.open).reduce((sum, open) => sum + open, 0);
    },
    [Symbol.asyncDispose]() {
      closing ??= parts.close();
      return closing;
    },
  };
}

function checkedGrace(graceSeconds: number): number {
  if (graceSeconds >= 0 && graceSeconds <= MAX_GRACE_SECONDS) return graceSeconds;
  throw new InvalidInputError(`graceSeconds must be a number from 0 to ${MAX_GRACE_SECONDS}.`, [
    'input',
    'graceSeconds',
  ]);
}
