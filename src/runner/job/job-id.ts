import { randomBytes } from 'node:crypto';

const PATTERN = /^job_\d{1,16}_[0-9a-f]{8}$/;

/** A new id, `job_<unix ms>_<8 hex>`: sorts by time and is safe as a file name. */
export function newJobId(now: number): string {
  return `job_${now}_${randomBytes(4).toString('hex')}`;
}

/** Whether `text` has the form of a job id; checked before any id becomes part of a path. */
export function isJobId(text: string): boolean {
  return PATTERN.test(text);
}
