import type { Role } from '../runner/index.ts';

/** Every role, from the least to the most rights. */
export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];
/** The role of a token whose line names none. */
export const DEFAULT_ROLE: Role = 'operator';
/** The most bytes of a tokens file. */
export const MAX_TOKENS_BYTES = 1_000_000;

/** A user of the API. The token itself is not kept, only its digest. */
export interface Token {
  /** Name of the user. */
  readonly name: string;
  /** SHA-256 of the token, 32 bytes. */
  readonly digest: Buffer;
  readonly role: Role;
  /** The token is refused from this time on, Unix ms; null if it does not expire. */
  readonly expiresAt: number | null;
}

const FORM = 'name sha256-hex-of-the-token [viewer|operator|admin] [expires=2027-01-31T00:00:00Z]';
const NAME = /^[^\s\p{C}#][^\s\p{C}]{0,63}$/u;
const ISO_TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * Parses the content of a tokens file for a server that starts: there must be a token.
 * @returns the tokens, or the problem as text that follows the name of the setting
 */
export function parseTokens(text: string): readonly Token[] | string {
  const tokens = parseTokenLines(text);
  return tokens.length > 0 ? tokens : 'must name a file with at least one token; this file has none';
}

/**
 * Parses the content of a tokens file: one line `name sha256 [role] [expires=<ISO time>]` for each token. Empty lines and lines
 * that start with `#` are ignored. No line is ever quoted: it may hold a token in plain text by mistake.
 * @returns the tokens, perhaps none; or the problem as text that follows the name of the setting
 */
export function parseTokenLines(text: string): readonly Token[] | string {
  if (text.length > MAX_TOKENS_BYTES) return `must name a file of at most ${MAX_TOKENS_BYTES} bytes`;
  const tokens: Token[] = [];
  const lines = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const token = parseTokenLine(line);
    if (typeof token === 'string') return `${token}, and line ${index + 1} has not`;
    const digest = token.digest.toString('hex');
    const earlier = lines.get(digest);
    if (earlier !== undefined) return `must list a token once, and lines ${earlier} and ${index + 1} have the same`;
    lines.set(digest, index + 1);
    tokens.push(token);
  }
  return tokens;
}

/** Whether text can be the name of a token: 1 to 64 visible characters without a space, and no `#` at the start. */
export function isTokenName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Parses an ISO 8601 date (midnight UTC) or a time with a zone into Unix ms.
 * @returns `NO_SUCH_TIME` for one that has the form and is not in the calendar; `NOT_A_TIME` for other text
 */
export function parseExpiry(text: string): number | 'NO_SUCH_TIME' | 'NOT_A_TIME' {
  const day = ISO_TIME.exec(text)?.[1];
  if (day === undefined) return 'NOT_A_TIME';
  const time = Date.parse(text);
  // JavaScript reads February 31 as March 3, and a token would live longer than its line says.
  const exists = !Number.isNaN(time) && new Date(day).toISOString().startsWith(day);
  return exists ? time : 'NO_SUCH_TIME';
}

function parseTokenLine(line: string): Token | string {
  const [name = '', hex = '', ...rest] = line.trim().split(/\s+/);
  if (!/^[0-9a-f]{64}$/i.test(hex)) return `must have lines of the form "${FORM}"`;
  if (!isTokenName(name)) return 'must have names of 1 to 64 visible characters';
  const role = rest[0]?.startsWith('expires=') === false ? rest.shift() : DEFAULT_ROLE;
  if (!isRole(role)) return `must have one of the roles ${ROLES.join(', ')} behind the digest`;
  const [expires, ...more] = rest;
  if (more.length > 0) return `must have lines of the form "${FORM}"`;
  const expiresAt = expires === undefined ? null : parseExpiry(expires.replace(/^expires=/, ''));
  if (expiresAt === 'NOT_A_TIME' || expires?.startsWith('expires=') === false) {
    return 'must have times of the form expires=2027-01-31 or expires=2027-01-31T08:00:00Z';
  }
  if (expiresAt === 'NO_SUCH_TIME') return 'must have a day and time that exist after expires=';
  return { name, digest: Buffer.from(hex, 'hex'), role, expiresAt };
}

function isRole(text: string | undefined): text is Role {
  return (ROLES as readonly (string | undefined)[]).includes(text);
}
