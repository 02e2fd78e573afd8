import { createHash } from 'node:crypto';
import type { Token } from '../../src/settings/tokens.ts';

/** A token as the server knows it; an administrator's, that never expires, unless the rest says otherwise. */
export function tokenOf(name: string, secret: string, rest: Partial<Token> = {}): Token {
  const digest = createHash('sha256').update(secret).digest();
  return { name, digest, role: 'admin', expiresAt: null, ...rest };
}

/** A line of a tokens file. */
export function tokenLine(name: string, secret: string, ...rest: readonly string[]): string {
  return [name, createHash('sha256').update(secret).digest('hex'), ...rest].join(' ') + '\n';
}

/** The headers, or the connection-init payload, that carry a token. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
