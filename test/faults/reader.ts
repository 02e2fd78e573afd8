import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { isTerminal } from '../../src/runner/index.ts';
import type { Feed, FeedMessage } from './history.ts';
import { readStarts, stateOf } from './processes.ts';

const WATCH = `subscription ($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) { cursor status percent step updatedAt gap } }`;
const PAUSE_MS = 30;

/** A client that watches jobs over one WebSocket and resumes every feed with its last cursor, even if the socket breaks. */
export interface Reader {
  /** Follows a job to its end. Resolves when the server has completed the stream. */
  watch(jobId: string): Promise<void>;
  /** Cuts the connection silently, like a closed laptop. */
  drop(): void;
  readonly feeds: readonly Feed[];
  /** Stops following. */
  close(): Promise<void>;
}

export function createReader(name: string, url: string, home: string): Reader {
  const feeds: Feed[] = [];
  // No retries of its own: it would repeat the first cursor, and how to resume is what is tested here.
  const client = createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, retryAttempts: 0 });
  let closed = false;

  async function follow(jobId: string): Promise<void> {
    const messages: FeedMessage[] = [];
    const errors: string[] = [];
    const feed = { reader: name, jobId, messages, errors, completed: false, aliveAtEnd: [] as readonly number[] };
    feeds.push(feed);
    while (!feed.completed && !closed) {
      const variables = { id: jobId, after: messages.at(-1)?.cursor ?? null };
      try {
        for await (const answer of client.iterate<{ jobProgress: Message }>({ query: WATCH, variables })) {
          const message = answer.data?.jobProgress;
          if (!message) throw new RefusedError(JSON.stringify(answer.errors));
          if (isTerminal(message.status)) feed.aliveAtEnd = livingProcessesOf(home, jobId);
          messages.push({ ...message, updatedAt: Date.parse(message.updatedAt) });
        }
        // A stream that completes before the terminal event is not over: the server is shutting down.
        const last = messages.at(-1);
        feed.completed = last !== undefined && isTerminal(last.status);
      } catch (error) {
        // Errors of the operation come as a list; everything else is a connection that broke.
        if (Array.isArray(error)) errors.push(JSON.stringify(error));
        if (error instanceof RefusedError) errors.push(error.message);
        if (errors.length > 0) return;
      }
      if (!feed.completed) await delay(PAUSE_MS);
    }
  }

  return {
    feeds,
    watch: follow,
    drop: () => client.terminate(),
    async close() {
      closed = true;
      await client.dispose();
    },
  };
}

type Message = Omit<FeedMessage, 'updatedAt'> & { readonly updatedAt: string };

class RefusedError extends Error {}

/** The live trainers of a job; its supervisor may still be about to exit after it has written how the job ended. */
function livingProcessesOf(home: string, jobId: string): number[] {
  return readStarts(home)
    .filter((start) => start.role === 'TRAINER' && start.jobId === jobId && stateOf(start) !== undefined)
    .map(({ pid }) => pid);
}
