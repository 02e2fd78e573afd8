import { Counter, Histogram, type Registry } from 'prom-client';
import { FAILURE_REASONS, type RunnerListener } from '../../runner/index.ts';

/** From the kernel's minimum to a delay that users notice, seconds. */
const DELAY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a warm Python process to one that imports PyTorch from a busy disk, seconds. */
const START_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts events of a runner. All counters start at zero, so that the first event shows as an increase. */
export function createRunnerMetrics(registry: Registry): RunnerListener {
  const registers = [registry];
  const queued = new Counter({
    name: 'trainyard_jobs_queued_total',
    help: 'Queued attempts: new jobs, resumed jobs and retries.',
    registers,
  });
  const launches = new Counter({
    name: 'trainyard_jobs_launched_total',
    help: 'Launched attempts, by outcome: whether the process started.',
    labelNames: ['outcome'],
    registers,
  });
  const ended = new Counter({
    name: 'trainyard_jobs_ended_total',
    help: 'Ended attempts, by terminal status and, for ERROR, failure reason.',
    labelNames: ['status', 'reason'],
    registers,
  });
  const spawn = new Histogram({
    name: 'trainyard_spawn_seconds',
    help: 'Time from the decision to launch a job until its supervisor process exists.',
    buckets: START_BUCKETS,
    registers,
  });
  const firstReport = new Histogram({
    name: 'trainyard_first_report_seconds',
    help: 'Time from the decision to launch a job until its first status is known.',
    buckets: START_BUCKETS,
    registers,
  });
  const delay = new Histogram({
    name: 'trainyard_event_delay_seconds',
    help: 'Time from writing a status file until subscribers can be notified.',
    buckets: DELAY_BUCKETS,
    registers,
  });
  const updates = new Counter({
    name: 'trainyard_status_updates_total',
    help: 'Status file versions that were read, by how they were found: the folder watch, or the sweep once a second.',
    labelNames: ['found_by'],
    registers,
  });
  const unread = new Counter({
    name: 'trainyard_status_versions_unread_total',
    help: 'Status file versions that were replaced before they were read.',
    registers,
  });
  const unusable = new Counter({
    name: 'trainyard_files_unusable_total',
    help: 'Status and exit files that were ignored because they are unusable.',
    labelNames: ['kind'],
    registers,
  });
  const coalesced = new Counter({
    name: 'trainyard_events_coalesced_total',
    help: 'Job versions that a slow subscriber did not receive because newer ones replaced them.',
    labelNames: ['subscription'],
    registers,
  });

  for (const outcome of ['ok', 'failed']) launches.inc({ outcome }, 0);
  for (const status of ['COMPLETED', 'STOPPED']) ended.inc({ status, reason: '' }, 0);
  for (const reason of FAILURE_REASONS) ended.inc({ status: 'ERROR', reason }, 0);
  for (const found_by of ['watch', 'sweep']) updates.inc({ found_by }, 0);
  for (const kind of ['status', 'exit']) unusable.inc({ kind }, 0);
  for (const subscription of ['jobProgress', 'jobsChanged']) coalesced.inc({ subscription }, 0);

  return (event) => {
    switch (event.type) {
      case 'jobQueued':
        queued.inc();
        return;
      case 'attemptLaunched':
        launches.inc({ outcome: event.failure ? 'failed' : 'ok' });
        if (!event.failure) spawn.observe(event.durationMs / 1000);
        return;
      case 'attemptReported':
        firstReport.observe(event.sinceLaunchMs / 1000);
        return;
      case 'jobEnded': {
        const { state } = event.job;
        ended.inc({ status: state.status, reason: state.status === 'ERROR' ? state.failure.reason : '' });
        return;
      }
      case 'statusApplied':
        // Files written while no server was running do not show the speed of this one.
        if (event.delayMs === null) return;
        delay.observe(event.delayMs / 1000);
        updates.inc({ found_by: event.foundBy });
        if (event.unread > 0) unread.inc(event.unread);
        return;
      case 'fileUnusable':
        unusable.inc({ kind: event.kind });
        return;
      case 'eventsCoalesced':
        coalesced.inc({ subscription: event.feed }, event.count);
        return;
      case 'attemptLaunching':
      case 'jobChanged':
        return;
      default:
        event satisfies never;
    }
  };
}
