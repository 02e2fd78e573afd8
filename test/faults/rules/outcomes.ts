import type { Rule } from './breach.ts';
import type { History, Request } from '../history.ts';

/** A job ends as its faults require, by the table in PROTOCOL.md. */
export const outcomeFitsFaults: Rule = function* (history) {
  for (const request of history.requests) {
    const [jobId = ''] = request.jobIds;
    const last = history.answers.findLast((answer) => answer.jobId === jobId);
    if (!last) continue;
    const outcome = last.reason ?? last.status;
    const expected = outcomesOf(history, request, jobId);
    if (!expected.has(outcome)) {
      yield {
        jobId,
        evidence: `it ended as ${outcome}; with what was done to it, it had to be ${[...expected].join(' or ')}`,
      };
    }
    if (outcome === 'SIGNAL' && last.signal !== 'SIGKILL') {
      yield { jobId, evidence: `it was killed with SIGKILL, and its failure names ${last.signal ?? 'no signal'}` };
    }
  }
};

/** Possible end of a job: a status, or the reason of its failure. */
function outcomesOf({ exits, starts, reports }: History, request: Request, jobId: string): Set<string> {
  const { stop, trainerKilled, supervisorKilled } = request.treatment;
  const exit = exits.find((other) => other.jobId === jobId);
  const hadTrainer = starts.some((start) => start.jobId === jobId && start.role === 'TRAINER');
  const didAll = reports.get(jobId)?.at(-1)?.step === request.steps;
  // A kill that came when the trainer had already ended changed nothing.
  const killed = trainerKilled && (!exit || exit.signal === 'SIGKILL');
  const neverBegan = supervisorKilled && !hadTrainer;

  const outcomes = new Set<string>();
  if (stop !== 'NO') outcomes.add('STOPPED');
  if (stop !== 'YES' && !killed && !neverBegan) outcomes.add('COMPLETED');
  // After its last step, a job may have claimed its end before the stop, or the kill, reached it.
  if (didAll && !(killed && exit)) outcomes.add('COMPLETED');
  if (killed && stop !== 'YES') outcomes.add(exit ? 'SIGNAL' : 'VANISHED');
  if (neverBegan && stop !== 'YES') outcomes.add('VANISHED').add('SPAWN_FAILED');
  return outcomes;
}

/** A stop is not a kill: a running job that had enough time leaves a checkpoint. So does a completed job. */
export const stopSavedCheckpoint: Rule = function* ({ requests, answers, feeds }) {
  for (const { jobIds, treatment } of requests) {
    const [jobId = ''] = jobIds;
    const last = answers.findLast((answer) => answer.jobId === jobId);
    if (last?.checkpoint !== null) continue;
    const ran = feeds.some((feed) => feed.jobId === jobId && feed.messages.some(({ status }) => status === 'RUNNING'));
    const killed = treatment.trainerKilled || !treatment.stopWasPatient;
    if (last.status === 'COMPLETED') yield { jobId, evidence: 'it completed without a checkpoint' };
    if (last.status === 'STOPPED' && ran && !killed) yield { jobId, evidence: 'it was stopped without a checkpoint' };
  }
};
