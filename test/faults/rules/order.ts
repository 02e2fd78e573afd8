import type { History } from '../history.ts';
import type { Rule } from './breach.ts';

/** A job starts only after the jobs that it depends on have ended as it requires. */
export const dependenciesHold: Rule = function* ({ order, starts, exits, record }) {
  for (const [jobId, dependencies] of order?.dependsOn ?? []) {
    const startedAt = firstStart(starts, jobId);
    if (startedAt === undefined) continue;
    for (const { jobId: other, when } of dependencies) {
      const status = record.find((job) => job.jobId === other)?.status;
      const isMet = when === 'AFTER_END' || status === (when === 'AFTER_OK' ? 'COMPLETED' : 'ERROR');
      if (!isMet) yield { jobId, evidence: `it started, and ${other} (${when}) ended as ${status ?? 'nothing'}` };
      const end = exits.find((exit) => exit.jobId === other)?.finishedAt;
      if (end === undefined || startedAt >= end) continue;
      yield { jobId, evidence: `it started at ${startedAt}, and ${other} (${when}) ended only at ${end}` };
    }
  }
};

/** No more jobs of a group run at once than its limit. */
export const groupsKeepLimits: Rule = function* ({ order, starts, exits }) {
  for (const { name, limit, jobIds } of order?.groups ?? []) {
    const lives = jobIds.flatMap((jobId) => {
      const from = firstStart(starts, jobId);
      const to = exits.find((exit) => exit.jobId === jobId)?.finishedAt;
      return from === undefined ? [] : [{ jobId, from, to: to ?? from }];
    });
    for (const { jobId, from } of lives) {
      const together = lives.filter((life) => life.from <= from && from < life.to);
      if (together.length <= limit) continue;
      const names = together.map((life) => life.jobId).join(', ');
      yield {
        jobId,
        evidence: `at ${from} it was one of ${together.length} of the group ${name}, limit ${limit}: ${names}`,
      };
    }
  }
};

/** Nothing starts while the queue is paused: from the answer to the pause to the request that ends it. */
export const pausesHold: Rule = function* ({ order, starts }) {
  for (const { from, to } of order?.pauses ?? []) {
    for (const { role, jobId, at } of starts) {
      if (role === 'TRAINER' && at > from && at < to) {
        yield { jobId, evidence: `its trainer started at ${at}, in a pause from ${from} to ${to}` };
      }
    }
  }
};

/** When the first trainer of a job started, Unix seconds. */
function firstStart(starts: History['starts'], jobId: string): number | undefined {
  const times = starts.filter((start) => start.role === 'TRAINER' && start.jobId === jobId).map(({ at }) => at);
  return times.length === 0 ? undefined : Math.min(...times);
}
