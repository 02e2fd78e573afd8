import type { Rule } from './breach.ts';
import type { Request } from '../history.ts';

/** The steps that a simulated training reports up to `last`: the first, every fifth, the last, and each epoch's end. */
function reportedSteps({ steps, stepsPerEpoch }: Request, last: number): number[] {
  const isReported = (step: number) => step === 1 || step === steps || step % 5 === 0 || step % stepsPerEpoch === 0;
  return Array.from({ length: last }, (_, index) => index + 1).filter(isReported);
}

/** The metrics file contains each reported step once, in order and without a gap; all of them if the job completed. */
export const metricsAreComplete: Rule = function* ({ requests, reports, record }) {
  for (const request of requests) {
    const [jobId = ''] = request.jobIds;
    const steps = (reports.get(jobId) ?? []).map(({ step }) => step);
    const back = steps.findIndex((step, index) => step <= (steps[index - 1] ?? 0));
    if (back !== -1) {
      yield { jobId, evidence: `after step ${steps[back - 1]} the metrics file continues with step ${steps[back]}` };
    }
    const completed = record.some((job) => job.jobId === jobId && job.status === 'COMPLETED');
    const known = new Set(steps);
    const missing = reportedSteps(request, completed ? request.steps : (steps.at(-1) ?? 0)).filter(
      (s) => !known.has(s),
    );
    if (missing.length > 0) yield { jobId, evidence: `the metrics file lacks the steps ${missing.join(', ')}` };
  }
};

/** The API gives every report that is in the file. */
export const metricsAreServed: Rule = function* ({ reports, metricSteps }) {
  for (const [jobId, lines] of reports) {
    const served = metricSteps.get(jobId) ?? [];
    const written = lines.map(({ step }) => step);
    if (served.join() !== written.join()) {
      const evidence = `the file has ${written.length} reports up to step ${written.at(-1)}, the API ${served.length} up to ${served.at(-1)}`;
      yield { jobId, evidence };
    }
  }
};
