import { UsageError } from '../usage-error.ts';

/**
 * Parses the number after `flag`.
 * @throws UsageError that names the flag
 */
export function readNumber(
  flag: string,
  text: string,
  { whole = false, least = -Infinity, most = Infinity }: { whole?: boolean; least?: number; most?: number } = {},
): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value)) || value < least || value > most) {
    const range = Number.isFinite(most)
      ? ` from ${least} to ${most}`
      : Number.isFinite(least)
        ? ` of at least ${least}`
        : '';
    throw new UsageError(`${flag} takes a ${whole ? 'whole ' : ''}number${range}, not ${JSON.stringify(text)}.`);
  }
  return value;
}

/**
 * Parses one of `choices`, ignoring case.
 * @throws UsageError that names the flag and the choices
 */
export function readChoice<Choice extends string>(flag: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find(
    (candidate) => candidate.toLowerCase() === text.trim().toLowerCase().replaceAll('-', '_'),
  );
  if (choice === undefined) throw new UsageError(`${flag} takes ${choices.join(', ')}, not ${JSON.stringify(text)}.`);
  return choice;
}

/**
 * Parses KEY=VALUE. The value is JSON where it can be parsed as JSON (`hidden=[64,32]`), otherwise text (`target=price`).
 * @throws UsageError
 */
export function readOption(text: string): [key: string, value: unknown] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new UsageError(`--option takes KEY=VALUE, for example --option target=price, not ${JSON.stringify(text)}.`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value) as unknown];
  } catch {
    return [text.slice(0, at), value];
  }
}

/**
 * Parses a time to come for the API: an ISO 8601 date or time, or a duration from now (`2h`).
 * @throws UsageError
 */
export function readFutureTime(flag: string, text: string): string {
  if (/^\d+(\.\d+)?[smhd]$/.test(text)) return new Date(Date.now() + readDuration(flag, text) * 1000).toISOString();
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new UsageError(
    `${flag} takes a time such as 2026-01-31, 2026-01-31T08:00:00Z, or 2h for two hours from now, not ${JSON.stringify(text)}.`,
  );
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * Parses a duration into seconds: `90`, `90s`, `5m`, `1.5h`, `2d`.
 * @throws UsageError
 */
export function readDuration(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd]?)$/.exec(text.trim());
  if (match === null) {
    throw new UsageError(`${flag} takes a duration such as 90, 90s, 5m, 2h or 1d, not ${JSON.stringify(text)}.`);
  }
  return Number(match[1]) * UNIT_SECONDS[(match[2] || 's') as keyof typeof UNIT_SECONDS];
}

/**
 * Parses a time for the API: an ISO 8601 date or time, or a duration before now (`2d`).
 * @throws UsageError
 */
export function readTime(flag: string, text: string): string {
  if (/^\d+(\.\d+)?[smhd]$/.test(text)) return new Date(Date.now() - readDuration(flag, text) * 1000).toISOString();
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${flag} takes a time such as 2026-01-31, 2026-01-31T08:00:00Z, or 2d for two days ago, not ${JSON.stringify(text)}.`,
    );
  }
  return new Date(time).toISOString();
}
