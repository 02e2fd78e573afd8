import type { Rule } from './breach.ts';
import type { History } from '../history.ts';

/** An attempt never has a second trainer, and a second attempt starts only after the first has ended. */
export const noJobStartedTwice: Rule = function* ({ starts }) {
  const trainers = new Map<string, string[]>();
  for (const { role, jobId, attempt, pid, at } of starts) {
    if (role !== 'TRAINER') continue;
    const name = `${jobId}:${attempt}`;
    trainers.set(name, [...(trainers.get(name) ?? []), `pid ${pid} at ${at}`]);
  }
  for (const [name, pids] of trainers) {
    const [jobId = name, attempt = '?'] = name.split(':');
    if (pids.length > 1)
      yield { jobId, evidence: `attempt ${attempt} had ${pids.length} trainers: ${pids.join(', ')}` };
  }
};

/** The number of jobs with a live trainer never exceeds the number of slots. */
export const neverMoreThanSlots: Rule = function* (history) {
  const lives = livesOf(history);
  for (const { jobId, from } of lives) {
    const together = lives.filter((life) => life.from <= from && from < life.to);
    if (together.length > history.slots) {
      const names = together.map((life) => life.jobId).join(', ');
      yield { jobId, evidence: `at ${from} it was one of ${together.length} in ${history.slots} slots: ${names}` };
    }
  }
};

/** The period in which each trainer was certainly alive, Unix seconds. */
function livesOf({ starts, exits, reports }: History): { jobId: string; from: number; to: number }[] {
  return starts
    .filter(({ role }) => role === 'TRAINER')
    .map(({ jobId, attempt, at }) => {
      const exit = exits.find((other) => other.jobId === jobId && other.attempt === attempt);
      const lastReport = reports.get(jobId)?.findLast((report) => report.attempt === attempt);
      return { jobId, from: at, to: exit?.finishedAt ?? lastReport?.at ?? at };
    });
}
