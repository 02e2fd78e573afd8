import { randomBytes } from 'node:crypto';

/** A new id, `job_<unix ms>_<8 hex>`: sorts by time and is safe as a file name. */
export function newJobId(now: number): string {
  return `job_${now}_${randomBytes(4).toString('hex')}`;
}
