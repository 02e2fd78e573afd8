import { isTerminal } from '../../../src/runner/index.ts';
import type { Rule } from './breach.ts';
import type { Answer } from '../history.ts';

const outcomeOf = ({ status, reason, finishedAt }: Answer) => `${status} ${reason ?? ''} at ${finishedAt ?? '?'}`;

/** The API never changes how a job ended, over any number of restarts. */
export const endedStaysEnded: Rule = function* ({ answers }) {
  const ended = new Map<string, string>();
  for (const answer of answers) {
    const before = ended.get(answer.jobId);
    if (before !== undefined && outcomeOf(answer) !== before) {
      yield { jobId: answer.jobId, evidence: `the API answered ${before}, and later ${outcomeOf(answer)}` };
    } else if (before === undefined && isTerminal(answer.status)) ended.set(answer.jobId, outcomeOf(answer));
  }
};

/** The last status that clients received is the recorded one. */
export const nothingUnrecorded: Rule = function* ({ answers, record }) {
  for (const { jobId, status, transitions } of record) {
    const last = answers.findLast((answer) => answer.jobId === jobId);
    if (last && last.status !== status) {
      yield { jobId, evidence: `the API answered ${last.status}, and the record contains ${status}` };
    }
    if (transitions.at(-1) !== status) {
      yield {
        jobId,
        evidence: `it is recorded as ${status}, and its last transition is ${transitions.at(-1) ?? 'none'}`,
      };
    }
  }
};

/** Each status that the trainer went through is recorded, whether or not a client received it. A stop overtakes what comes after it. */
export const recordAgreesWithTrainer: Rule = function* ({ requests, record, statusFiles }) {
  for (const { jobIds, treatment } of requests) {
    const [jobId = ''] = jobIds;
    const written = statusFiles.get(jobId);
    const recorded = record.find((job) => job.jobId === jobId)?.transitions;
    if (!written || !recorded || treatment.stopAsked || written.join() === recorded.join()) continue;
    const evidence = `the trainer went through ${written.join(' -> ')}, and the record contains ${recorded.join(' -> ')}`;
    yield { jobId, evidence };
  }
};
