import { z } from 'zod';
import type { Home } from '../home.ts';
import type { Claim } from '../job/reports.ts';
import { readHead } from './read-json.ts';
import { status } from './status-file.ts';

/** A writer of the protocol puts the identifying keys first; they take a few hundred bytes. */
const HEAD_BYTES = 4096;
/** The keys with plain values at the start of a JSON object, up to the first object or list, or to the end of what was read. */
const PLAIN_KEYS = /^\s*\{(?:\s*"[a-z_]{1,64}"\s*:\s*(?:"[^"\\]{0,256}"|-?[\d.eE+-]{1,32}|true|false|null)\s*,)+/;

const head = z.object({
  job_id: z.string(),
  attempt: z.number().int().positive(),
  status,
});

/**
 * Reads the claim at the start of a status file that cannot be used as a whole, for example because it is too large: a training
 * that finished must not fail because of the size of its last report. Undefined if there is none.
 * @throws UnreadableFileError if it is not a regular file, or a system error
 */
export async function readClaim(home: Home, jobId: string): Promise<Claim | undefined> {
  const text = await readHead(home.status(jobId), HEAD_BYTES);
  const keys = text === undefined ? undefined : PLAIN_KEYS.exec(text)?.[0];
  if (keys === undefined) return undefined;
  try {
    const parsed = head.safeParse(JSON.parse(`${keys.slice(0, -1)}}`));
    return parsed.success && parsed.data.job_id === jobId ? parsed.data : undefined;
  } catch {
    return undefined; // A number such as `1.2.3`.
  }
}
