/** Where a job is in its life. */
export type JobStatus = keyof typeof STATUSES;

export type TerminalStatus = 'COMPLETED' | 'STOPPED' | 'ERROR';

/** What a program needs to know about one status. */
interface StatusDescriptor {
  /** One sentence for people: the schema's enum shows it. */
  readonly description: string;
  /** The statuses that may follow within an attempt. An observer may miss one; none is ever reversed. */
  readonly next: readonly ('STARTING' | 'LOADING' | 'RUNNING' | 'STOPPING' | TerminalStatus)[];
}

/**
 * Every status, in the order of a job's life: the one place that a new status is added to. The transition table, the GraphQL enum
 * and, through the generated types of the schema, the page and the command follow from it.
 */
export const STATUSES = {
  QUEUED: {
    description: 'Waiting for a free slot, or about to be launched.',
    next: ['STARTING', 'LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  STARTING: {
    description: 'The process is starting.',
    next: ['LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  LOADING: {
    description: 'The trainer is loading libraries and data.',
    next: ['RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  RUNNING: {
    description: 'Training is in progress.',
    next: ['STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  STOPPING: {
    description: 'A stop was requested; the trainer is saving a checkpoint.',
    next: ['COMPLETED', 'STOPPED', 'ERROR'],
  },
  COMPLETED: { description: 'Training finished.', next: [] },
  STOPPED: { description: 'Stopped on request, before training finished.', next: [] },
  ERROR: { description: 'Failed; `failure` gives the reason.', next: [] },
} as const satisfies Record<string, StatusDescriptor>;

/** All statuses, in the order of a job's life. */
export const JOB_STATUSES = Object.keys(STATUSES) as readonly JobStatus[];

/** Whether `to` may follow `from` within an attempt. */
export function mayFollow(from: JobStatus, to: JobStatus): boolean {
  return (STATUSES[from].next as readonly JobStatus[]).includes(to);
}

/** Whether `status` ends a job (COMPLETED, STOPPED, ERROR). */
export function isTerminal(status: JobStatus): status is TerminalStatus {
  return STATUSES[status].next.length === 0;
}
