import { isTerminal, type JobStatus, mayFollow } from '../../../src/runner/index.ts';
import type { Rule } from './breach.ts';
import type { Feed } from '../history.ts';

const nameOf = ({ reader }: Feed) => `reader ${reader}`;

/** The statuses that a reader received, each once. */
function statusesOf({ messages }: Feed): JobStatus[] {
  return messages.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
}

/** Each status may follow the one before it, and no feed ends with an error. */
export const feedsAreLegal: Rule = function* ({ feeds }) {
  for (const feed of feeds) {
    const statuses = statusesOf(feed);
    for (const [index, status] of statuses.entries()) {
      const before = statuses[index - 1];
      if (before !== undefined && !mayFollow(before, status)) {
        yield { jobId: feed.jobId, evidence: `${nameOf(feed)} saw ${statuses.slice(0, index + 1).join(' -> ')}` };
      }
    }
    for (const error of feed.errors) yield { jobId: feed.jobId, evidence: `${nameOf(feed)} got the error: ${error}` };
  }
};

/** The terminal event comes exactly once, last, and then the stream completes. */
export const feedsEndOnce: Rule = function* ({ feeds }) {
  for (const feed of feeds) {
    const ends = feed.messages.filter(({ status }) => isTerminal(status)).map(({ status }) => status);
    if (ends.length !== 1) {
      yield { jobId: feed.jobId, evidence: `${nameOf(feed)} got ${ends.length} terminal events: ${ends.join(', ')}` };
    }
    if (!feed.completed) yield { jobId: feed.jobId, evidence: `the stream of ${nameOf(feed)} never completed` };
  }
};

/** Over any number of connections and servers: no event twice, no decreasing number, no gap. */
export const feedsNeverGoBack: Rule = function* ({ feeds, requests }) {
  for (const feed of feeds) {
    // With the status file spoiled a new server knows only the record: then a marked gap is the correct answer.
    const spoiled = requests.some(({ jobIds, treatment }) => jobIds.includes(feed.jobId) && treatment.statusSpoiled);
    const cursors = new Set<string>();
    for (const [index, message] of feed.messages.entries()) {
      const { cursor, step, percent, updatedAt, gap } = message;
      const before = feed.messages[index - 1];
      if (gap && spoiled) continue;
      if (gap) yield { jobId: feed.jobId, evidence: `${nameOf(feed)} met a gap at message ${index}, step ${step}` };
      if (cursors.has(cursor)) {
        yield { jobId: feed.jobId, evidence: `${nameOf(feed)} got the cursor ${cursor} twice, again at step ${step}` };
      }
      cursors.add(cursor);
      if (before && (step < before.step || percent < before.percent || updatedAt < before.updatedAt)) {
        const was = `step ${before.step} (${before.percent} %, ${before.updatedAt})`;
        yield {
          jobId: feed.jobId,
          evidence: `${nameOf(feed)} went back from ${was} to ${step} (${percent} %, ${updatedAt})`,
        };
      }
    }
  }
};

/** A reader receives every status that was recorded since it started, and no other. */
export const feedsAgreeWithRecord: Rule = function* ({ feeds, record }) {
  for (const feed of feeds) {
    const seen = statusesOf(feed);
    const recorded = record.find(({ jobId }) => jobId === feed.jobId)?.transitions ?? [];
    const expected = recorded.slice(recorded.indexOf(seen[0] ?? 'QUEUED'));
    if (seen.join() !== expected.join()) {
      const evidence = `${nameOf(feed)} received ${seen.join(' -> ')}, and the record contains ${recorded.join(' -> ')}`;
      yield { jobId: feed.jobId, evidence };
    }
  }
};

/** When the end of a job is published, no process of it is alive. */
export const endedMeansDead: Rule = function* ({ feeds }) {
  for (const feed of feeds) {
    if (feed.aliveAtEnd.length === 0) continue;
    const last = feed.messages.at(-1)?.status ?? 'ended';
    yield { jobId: feed.jobId, evidence: `${nameOf(feed)} received ${last} while pid ${feed.aliveAtEnd.join()} lived` };
  }
};
