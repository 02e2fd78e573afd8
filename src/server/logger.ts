import { pino, type Logger } from 'pino';
import type { LogLevel } from '../settings/settings.ts';

export type { Logger } from 'pino';

/** Creates the server's logger: readable lines on a terminal, otherwise JSON lines. */
export function createLogger(level: LogLevel): Logger {
  return process.stdout.isTTY
    ? pino({
        level,
        transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' } },
      })
    : pino({ level });
}
