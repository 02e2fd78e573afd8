import { earlierRunTime, type Job } from '../runner/index.ts';

/** Total run time of the earlier attempts of a job, seconds. */
export function earlierSeconds(job: Job): number {
  return earlierRunTime(job) / 1000;
}
