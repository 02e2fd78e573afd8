import type { Dependency, JobStatus } from '../../src/runner/index.ts';

/**
 * The events of one run, collected from independent sources: the clients' feeds, the API's answers, the record, the files
 * of the protocol, and a record that each process writes at its start. The rules compare them with each other.
 */
export interface History {
  /** Maximum number of jobs that run at once. */
  readonly slots: number;
  readonly requests: readonly Request[];
  readonly feeds: readonly Feed[];
  /** The API's answers about jobs, in order of time. */
  readonly answers: readonly Answer[];
  /** The content of `trainyard.db` at the end. */
  readonly record: readonly RecordedJob[];
  readonly starts: readonly ProcessStart[];
  readonly exits: readonly Exit[];
  /** The statuses in each job's last status file. */
  readonly statusFiles: ReadonlyMap<string, readonly JobStatus[]>;
  /** The metrics files, by job. */
  readonly reports: ReadonlyMap<string, readonly Report[]>;
  /** Metric steps as the API gives them at the end, by job. */
  readonly metricSteps: ReadonlyMap<string, readonly number[]>;
  /** Incidents of the whole run, for example that a server exited unexpectedly. */
  readonly incidents: readonly string[];
  /** The required order of the queue; absent in a run without requirements. */
  readonly order?: Order;
}

/** The order that the jobs of a run must keep. */
export interface Order {
  readonly dependsOn: ReadonlyMap<string, readonly Dependency[]>;
  readonly groups: readonly { readonly name: string; readonly limit: number; readonly jobIds: readonly string[] }[];
  /** Pauses of the whole queue, Unix seconds: from an answer of the API to the next request. */
  readonly pauses: readonly { readonly from: number; readonly to: number }[];
}

/** A job that a client asked for, and what was done to it. */
export interface Request {
  readonly key: string;
  /** Every id that the API answered for this key: it must be one, however often the client had to ask. */
  readonly jobIds: readonly string[];
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly treatment: Treatment;
}

/** The faults injected into one job. */
export interface Treatment {
  /** Whether a client requested a stop, answered or not: a server that was killed before its answer may have recorded it. */
  stopAsked: boolean;
  /** `YES`: the API promised the stop. `MAYBE`: the server died with the request, and no later one was answered. */
  stop: 'NO' | 'MAYBE' | 'YES';
  /** Whether the stop left the trainer enough time to save. */
  stopWasPatient: boolean;
  trainerKilled: boolean;
  supervisorKilled: boolean;
  /** Whether something else replaced its status file for some time. */
  statusSpoiled: boolean;
  /** One line for each fault, for people. */
  readonly notes: string[];
}

/** One client's way through one job's feed, over any number of connections, each resumed with the last cursor. */
export interface Feed {
  readonly reader: string;
  readonly jobId: string;
  readonly messages: readonly FeedMessage[];
  /** Whether the server completed the stream. */
  readonly completed: boolean;
  readonly errors: readonly string[];
  /** Pids of this job's processes that were still alive when the terminal message had arrived. */
  readonly aliveAtEnd: readonly number[];
}

export interface FeedMessage {
  readonly cursor: string;
  readonly status: JobStatus;
  readonly percent: number;
  readonly step: number;
  /** Unix ms. */
  readonly updatedAt: number;
  readonly gap: boolean;
}

export interface Answer {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly reason: string | null;
  readonly signal: string | null;
  readonly finishedAt: string | null;
  readonly checkpoint: string | null;
}

export interface RecordedJob {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly transitions: readonly JobStatus[];
}

/** The start of a process of a job; the process itself writes it before it does anything else. */
export interface ProcessStart {
  /** CHILD: a process that the trainer started in its own group. */
  readonly role: 'SUPERVISOR' | 'TRAINER' | 'CHILD';
  readonly jobId: string;
  readonly attempt: number;
  readonly pid: number;
  readonly startTime: string;
  /** Unix seconds. */
  readonly at: number;
}

export interface Exit {
  readonly jobId: string;
  readonly attempt: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Unix seconds. */
  readonly finishedAt: number;
}

/** One line of a metrics file. */
export interface Report {
  readonly attempt: number;
  readonly step: number;
  /** Unix seconds. */
  readonly at: number;
}

export const untouched = (): Treatment => ({
  stopAsked: false,
  stop: 'NO',
  stopWasPatient: false,
  trainerKilled: false,
  supervisorKilled: false,
  statusSpoiled: false,
  notes: [],
});
