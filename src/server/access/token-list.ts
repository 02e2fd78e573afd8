import { hash, timingSafeEqual } from 'node:crypto';
import type { Token } from '../../settings/tokens.ts';
import type { Grant } from './grant.ts';
import type { TokenSource } from './token-source.ts';

/** A list of tokens that can change. */
export interface TokenList extends Disposable {
  /** The tokens that are valid now, apart from their expiry. */
  readonly current: readonly Token[];
  /** Reads the tokens again, if they come from a file. */
  reload(): void;
  /** Calls `listener` after every change of the tokens. */
  onChange(listener: () => void): void;
}

/** Tokens that never change, for a server whose tokens come from no file. */
export function fixedTokens(tokens: readonly Token[]): TokenList {
  return { current: tokens, reload: () => undefined, onChange: () => undefined, [Symbol.dispose]: () => undefined };
}

/** A source of the tokens of a list. */
export function listedTokens(list: TokenList): TokenSource {
  return {
    check(text) {
      const digest = hash('sha256', text, 'buffer');
      const token = find(list.current, digest);
      if (token === null) return Promise.resolve(null);
      if (isExpired(token)) {
        return Promise.resolve({ denied: 'EXPIRED', reason: `expired token of ${token.name}` } as const);
      }
      return Promise.resolve(grantOf(token, list));
    },
    reload: () => list.reload(),
    onChange: (listener) => list.onChange(listener),
    [Symbol.dispose]: () => list[Symbol.dispose](),
  };
}

/** Compares every token, each in constant time: the duration does not depend on which one was close. */
function find(tokens: readonly Token[], digest: Buffer): Token | null {
  return tokens.reduce<Token | null>((found, token) => (timingSafeEqual(token.digest, digest) ? token : found), null);
}

function grantOf(token: Token, list: TokenList): Grant {
  const { name, role, digest } = token;
  return {
    user: name,
    role,
    isValid() {
      const now = list.current.includes(token) ? token : find(list.current, digest);
      return now !== null && now.name === name && now.role === role && !isExpired(now);
    },
  };
}

function isExpired({ expiresAt }: Token): boolean {
  return expiresAt !== null && Date.now() >= expiresAt;
}
