import { z } from 'zod';
import type { ProcessIdentity } from '../../../job/reports.ts';

/** Version of the messages (PROTOCOL.md, Fork server). */
export const VERSION = 1;

/** Asks for the supervisor of an attempt. */
export interface LaunchRequest {
  readonly job_id: string;
  readonly attempt: number;
  /** Added to the environment of the fork server. */
  readonly environment: Readonly<Record<string, string>>;
}

const pid = z
  .int()
  .min(2)
  .max(2 ** 31 - 1);

/** The identity of a process, as files and messages spell it. */
export const identity = z
  .object({ pid, start_time: z.string().max(128), boot_id: z.string().max(128) })
  .transform(({ pid, start_time, boot_id }): ProcessIdentity => ({ pid, startTime: start_time, bootId: boot_id }));

const attempt = { job_id: z.string(), attempt: z.int() };

const MESSAGE = z.object({
  hello: z.object({ version: z.int(), circumstances: z.string(), process: identity }).optional(),
  started: z.object({ ...attempt, pid, process: identity.nullable() }).optional(),
  refused: z.object({ ...attempt, reason: z.string() }).optional(),
  ended: z.object({ pid, code: z.int().nullable(), signal: z.string().nullable() }).optional(),
  retired: z.literal(true).optional(),
});

/** A message of a fork server. It has one of the fields. */
export type Message = z.infer<typeof MESSAGE>;

/** Undefined if the line is not a message. */
export function parseMessage(line: string): Message | undefined {
  try {
    return MESSAGE.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
