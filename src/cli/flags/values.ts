import { UsageError } from '../usage-error.ts';

/**
 * A number as somebody typed it after `flag`.
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
        ? ` from ${least} on`
        : '';
    throw new UsageError(`${flag} takes a ${whole ? 'whole ' : ''}number${range}, not ${JSON.stringify(text)}.`);
  }
  return value;
}

/**
 * One of `choices`, whatever the case it was typed in.
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
 * `hidden=[64,32]` has a JSON value; `target=price` is not JSON, so it is text.
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

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * A duration in seconds: `90`, `90s`, `5m`, `1.5h`, `2d`.
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
 * A moment as the API takes it: a date or time of ISO 8601, or a duration, which means so long ago.
 * @throws UsageError
 */
export function readMoment(flag: string, text: string): string {
  if (/^\d+(\.\d+)?[smhd]$/.test(text)) return new Date(Date.now() - readDuration(flag, text) * 1000).toISOString();
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${flag} takes a time such as 2026-01-31, 2026-01-31T08:00:00Z, or 2d for two days ago, not ${JSON.stringify(text)}.`,
    );
  }
  return new Date(time).toISOString();
}
