import { pino, type Logger } from 'pino';
import type { LogLevel } from '../settings/settings.ts';

export type { Logger } from 'pino';

/** The server's log: readable lines on a terminal, JSON lines elsewhere. */
export function createLogger(level: LogLevel): Logger {
  return process.stdout.isTTY
    ? pino({
        level,
        transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' } },
      })
    : pino({ level });
}
