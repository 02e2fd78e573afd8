import { isTerminal } from '../../../src/runner/index.ts';
import type { Rule } from './breach.ts';

/** A server runs until it is asked to stop, and logs no bugs. */
export const noServerFailed: Rule = function* ({ incidents }) {
  for (const evidence of incidents) yield { jobId: null, evidence };
};

/** Every accepted job exists once and has ended, and no other job exists. */
export const noJobLost: Rule = function* ({ requests, record, answers }) {
  const asked = new Set<string>();
  for (const { key, jobIds } of requests) {
    const [jobId, ...others] = new Set(jobIds);
    if (jobId === undefined) {
      yield { jobId: null, evidence: `the request ${key} was never answered` };
      continue;
    }
    asked.add(jobId);
    if (others.length > 0) yield { jobId, evidence: `the same key ${key} also gave ${others.join(', ')}` };
    const recorded = record.find((job) => job.jobId === jobId);
    if (!recorded) yield { jobId, evidence: 'it is not in the record' };
    else if (!isTerminal(recorded.status)) yield { jobId, evidence: `it is recorded as ${recorded.status} at the end` };
    const last = answers.findLast((answer) => answer.jobId === jobId);
    if (!last) yield { jobId, evidence: 'the API does not list it' };
    else if (!isTerminal(last.status)) yield { jobId, evidence: `the API answers ${last.status} at the end` };
  }
  for (const { jobId } of record) {
    if (!asked.has(jobId)) yield { jobId, evidence: 'it is in the record, but no client requested it' };
  }
};
