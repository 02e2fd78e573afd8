import { createHash } from 'node:crypto';
import type { Job } from '../job/types.ts';
import { matcherOf } from '../store/job-filter.ts';
import type { Notice, Webhook, WebhookEvent } from './webhook.ts';

/** What a change of a job is to the outside; null when it is nothing that anybody is told of. */
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
      // Also when somebody takes back the retry of a job: only now is its failure an end.
      return hasEnded || before.retryAt !== null ? 'job.failed' : null;
    default:
      return next.state satisfies never;
  }
}

/** What is to be told, and to whom, when a job becomes `next`. */
export function noticesOf(webhooks: readonly Webhook[], before: Job, next: Job, now: number): Notice[] {
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
 * Made from what it tells, so that the same event can be recorded only once. A job ends once in an attempt. A stall is the time
 * after one status file: its number tells stalls apart, and is the same for the next server, which finds the job stalled anew.
 */
function idOf({ name }: Webhook, event: WebhookEvent, { id, attempt, sequence }: Job): string {
  const occurrence = event === 'job.stalled' ? sequence : 0;
  const digest = createHash('sha256')
    .update(JSON.stringify([name, event, id, attempt, occurrence]))
    .digest('hex');
  // No full stop in it: that is what separates the parts of what is signed.
  return `msg_${digest.slice(0, 32)}`;
}

/** The payload's `data`: what a person wants to read in a chat, and a program needs to go on. docs/webhooks.md is its contract. */
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
    // The last lines of the log are left out: they may say what is not meant for a chat, and the API has them.
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
