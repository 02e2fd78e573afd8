import type { ExitReport, StatusReport } from '../../../src/runner/job/reports.ts';

/** A report of a running trainer with the given differences, newer than what {@link aJob} knows. */
export function aReport(part: Partial<StatusReport> = {}): StatusReport {
  return {
    attempt: 1,
    sequence: 2,
    status: 'RUNNING',
    percent: 10,
    epoch: 1,
    epochs: 10,
    step: 5,
    firstStep: 1,
    totalSteps: 50,
    loss: 0.5,
    metrics: { loss: 0.5 },
    extremes: {},
    goals: {},
    score: null,
    message: 'Training',
    checkpoint: null,
    readsCheckpoint: null,
    samplesPerSecond: 100,
    etaSeconds: 9,
    startedAt: 1100,
    updatedAt: 1500,
    transitions: [
      { status: 'QUEUED', at: 1000 },
      { status: 'STARTING', at: 1100 },
      { status: 'RUNNING', at: 1200 },
    ],
    simulation: false,
    host: null,
    device: null,
    processes: { supervisor: null, trainer: null },
    error: null,
    ...part,
  };
}

/** The record of an exit with code 0, with the given differences. */
export function anExit(part: Partial<ExitReport> = {}): ExitReport {
  return {
    attempt: 1,
    exitCode: 0,
    signal: null,
    finishedAt: 5000,
    peakMemoryBytes: null,
    outOfMemory: false,
    spawnError: null,
    ...part,
  };
}
