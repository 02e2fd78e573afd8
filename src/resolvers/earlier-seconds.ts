import { earlierRunTime, type Job } from '../runner/index.ts';

/** How long the earlier attempts of a job ran together, seconds. */
export function earlierSeconds(job: Job): number {
  return earlierRunTime(job) / 1000;
}
