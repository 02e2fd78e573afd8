/** The phase of a job. */
export type JobStatus = keyof typeof STATUSES;

export type TerminalStatus = 'COMPLETED' | 'STOPPED' | 'ERROR';

/** Everything about one status that is not a rule. */
interface StatusDescriptor {
  /** One sentence for people: the schema's enum shows it. */
  readonly description: string;
  /** One word for people: the page shows it. */
  readonly label: string;
  /** Category of the status, by which the page and the CLI choose colour and shape. */
  readonly tone: 'WAITING' | 'ACTIVE' | 'SUCCESS' | 'NEUTRAL' | 'FAILURE';
  /** The statuses that may follow within an attempt; none if it ends the job. An observer may miss one; none is ever reversed. */
  readonly next: readonly string[];
}

/**
 * Every status, in the order of a job's life. A new status is added here, and to the rules that TypeScript then points out. The
 * transition table, the GraphQL enum and the job counts follow from it; `npm run codegen` passes it on to the page and the CLI.
 */
export const STATUSES = {
  QUEUED: {
    description: 'Waiting for a free slot, or about to be launched.',
    label: 'Queued',
    tone: 'WAITING',
    next: ['STARTING', 'LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  STARTING: {
    description: 'The process is starting.',
    label: 'Starting',
    tone: 'ACTIVE',
    next: ['LOADING', 'RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  LOADING: {
    description: 'The trainer is loading libraries and data.',
    label: 'Loading',
    tone: 'ACTIVE',
    next: ['RUNNING', 'STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  RUNNING: {
    description: 'Training is in progress.',
    label: 'Running',
    tone: 'ACTIVE',
    next: ['STOPPING', 'COMPLETED', 'STOPPED', 'ERROR'],
  },
  STOPPING: {
    description: 'A stop was requested; the trainer is saving a checkpoint.',
    label: 'Stopping',
    tone: 'WAITING',
    next: ['COMPLETED', 'STOPPED', 'ERROR'],
  },
  COMPLETED: { description: 'Training finished.', label: 'Completed', tone: 'SUCCESS', next: [] },
  STOPPED: {
    description: 'Stopped on request, before training finished.',
    label: 'Stopped',
    tone: 'NEUTRAL',
    next: [],
  },
  ERROR: { description: 'Failed; `failure` gives the reason.', label: 'Failed', tone: 'FAILURE', next: [] },
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
