import { createHash } from 'node:crypto';
import type { Job } from '../job/types.ts';
import { matcherOf } from '../store/job-filter.ts';
import type { Webhook, WebhookEvent, WebhookMessage } from './webhook.ts';

/** The webhook event of a change of a job; null if there is none. */
export function eventOf(before: Job, next: Job): WebhookEvent | null {
  const hasEnded = before.state.status !== next.state.status;
  switch (next.state.status) {
    case 'QUEUED':
    case 'STARTING':
    case 'LOADING':
    case 'RUNNING':
    case 'STOPPING':
      return next.health === 'STALLED' && before.health === 'OK' ? 'job.stalled' : null;
    case 'COMPLETED':
      return hasEnded ? 'job.completed' : null;
    case 'STOPPED':
      return hasEnded ? 'job.stopped' : null;
    case 'ERROR':
      if (next.retryAt !== null) return hasEnded ? 'job.retrying' : null;
      // Also when a user cancels the retry of a job: only then does its failure end it.
      return hasEnded || before.retryAt !== null ? 'job.failed' : null;
    default:
      return next.state satisfies never;
  }
}

/** The messages about a change of a job, one for each webhook that subscribes to it. */
export function messagesOf(webhooks: readonly Webhook[], before: Job, next: Job, now: number): WebhookMessage[] {
  const event = eventOf(before, next);
  if (event === null) return [];
  const at = event === 'job.stalled' ? now : (next.transitions.at(-1)?.at ?? now);
  return webhooks
    .filter(({ events, filter }) => events.includes(event) && matcherOf(filter)(next))
    .map((webhook) => ({
      id: idOf(webhook, event, next),
      webhook: webhook.name,
      event,
      jobId: next.id,
      payload: JSON.stringify({ type: event, timestamp: iso(at), data: dataOf(next, webhook.link) }),
      at,
    }));
}

/**
 * A digest of the event, so that the same event is recorded only once. A job ends once in an attempt. A stall follows one status file:
 * the sequence number of that file identifies the stall, also for the next server, which detects the same stall again.
 */
function idOf({ name }: Webhook, event: WebhookEvent, { id, attempt, sequence }: Job): string {
  const occurrence = event === 'job.stalled' ? sequence : 0;
  const digest = createHash('sha256')
    .update(JSON.stringify([name, event, id, attempt, occurrence]))
    .digest('hex');
  // It must not contain a full stop, which separates the parts of the signed text.
  return `msg_${digest.slice(0, 32)}`;
}

/** The payload's `data`, for people who read it in a chat and for programs. docs/webhooks.md is the contract. */
function dataOf(job: Job, link: string | null) {
  const { request, state, progress } = job;
  const { percent, epoch, epochs, step, totalSteps, loss, metrics, message } = progress;
  return {
    jobId: job.id,
    name: request.name,
    tags: request.tags,
    trainer: request.trainer,
    dataset: request.dataset,
    simulation: job.simulation,
    attempt: job.attempt,
    status: state.status,
    health: job.health,
    createdAt: iso(job.createdAt),
    startedAt: iso('startedAt' in state ? state.startedAt : null),
    finishedAt: iso('finishedAt' in state ? state.finishedAt : null),
    retryAt: iso(job.retryAt),
    // Without the last lines of the log: they may contain text that does not belong into a chat, and the API has them.
    stop: job.stop,
    peakMemoryBytes: job.peakMemoryBytes,
    failure: state.status === 'ERROR' ? failureOf(state.failure) : null,
    progress: { percent, epoch, epochs, step, totalSteps, loss, metrics, message },
    best: Object.fromEntries(Object.entries(job.best).map(([name, best]) => [name, { ...best, at: iso(best.at) }])),
    checkpoint: job.checkpoint,
    link: link?.replaceAll('{jobId}', job.id) ?? null,
  };
}

function failureOf({ reason, message, exitCode, signal }: Extract<Job['state'], { status: 'ERROR' }>['failure']) {
  return { reason, message, exitCode, signal };
}

function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
