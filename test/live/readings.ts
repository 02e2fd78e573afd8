import { isTerminal, type JobStatus } from '../../src/runner/index.ts';
import type { Feed, FeedMessage } from '../faults/history.ts';
import { createSubscriber, type Subscriber, type SubscriberOptions } from './subscriber.ts';

/** The lines that one subscriber of `jobLog` received. */
export interface LogReading {
  readonly jobId: string;
  readonly lines: string[];
  gaps: number;
}

/** The jobs as one subscriber of `jobsChanged` knows them. */
export interface FleetReading {
  readonly known: Map<string, JobStatus>;
  readonly cursors: string[];
  gaps: number;
}

export type Watched<Reading> = Readonly<{ reading: Reading; subscriber: Subscriber }>;

/** A server, and the way to subscribe to it. */
export type Target = Pick<SubscriberOptions<never>, 'url' | 'over'>;

const PROGRESS = `subscription ($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) { cursor status percent step updatedAt gap } }`;
const LOG = `subscription ($id: ID!, $after: String) {
  jobLog(id: $id, last: 10000, after: $after) { cursor gap lines { text } } }`;
const FLEET = `subscription ($after: String) {
  jobsChanged(after: $after) { cursor kind gap jobId job { status } } }`;

/** Follows a job to its end. */
export function watchProgress(target: Target, jobId: string, reader: string): Watched<() => Feed> {
  const messages: FeedMessage[] = [];
  const completed = () => {
    const last = messages.at(-1);
    return last !== undefined && isTerminal(last.status);
  };
  const subscriber = createSubscriber<Omit<FeedMessage, 'updatedAt'> & { updatedAt: string }>({
    ...target,
    query: PROGRESS,
    variables: { id: jobId },
    after: null,
    onMessage: (message) => messages.push({ ...message, updatedAt: Date.parse(message.updatedAt) }),
    isOver: completed,
  });
  const reading = () => ({
    reader,
    jobId,
    messages,
    completed: completed(),
    errors: subscriber.errors,
    aliveAtEnd: [],
  });
  return { reading, subscriber };
}

/** Reads the log of a job to its last line. */
export function watchLog(
  target: Target,
  jobId: string,
  hasEnded: (jobId: string) => Promise<boolean>,
): Watched<LogReading> {
  const reading: LogReading = { jobId, lines: [], gaps: 0 };
  const subscriber = createSubscriber<{ cursor: string; gap: boolean; lines: { text: string }[] }>({
    ...target,
    query: LOG,
    variables: { id: jobId },
    after: null,
    onMessage({ lines, gap }) {
      reading.lines.push(...lines.map(({ text }) => text));
      if (gap) reading.gaps += 1;
    },
    isOver: () => hasEnded(jobId),
  });
  return { reading, subscriber };
}

/** Keeps a list of all jobs, from a cursor that a page of jobs gave, until it is closed. */
export function watchFleet(target: Target, after: string): Watched<FleetReading> {
  const reading: FleetReading = { known: new Map(), cursors: [], gaps: 0 };
  const subscriber = createSubscriber<{
    cursor: string;
    kind: 'ADDED' | 'CHANGED' | 'REMOVED';
    gap: boolean;
    jobId: string;
    job: { status: JobStatus } | null;
  }>({
    ...target,
    query: FLEET,
    variables: {},
    after,
    onMessage({ cursor, kind, gap, jobId, job }) {
      reading.cursors.push(cursor);
      if (gap) reading.gaps += 1;
      if (kind === 'REMOVED' || !job) reading.known.delete(jobId);
      else reading.known.set(jobId, job.status);
    },
    isOver: () => false,
  });
  return { reading, subscriber };
}
