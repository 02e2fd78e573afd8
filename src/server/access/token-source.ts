import type { Grant } from './grant.ts';

/** A token that a source knows and refuses, or cannot check. */
export interface Denial {
  /**
   * `INVALID`: it is not valid. `EXPIRED`: it was, before. `NO_ROLE`: it is genuine, and gives no role here. `UNAVAILABLE`: the keys to
   * check it cannot be read now.
   */
  readonly denied: 'INVALID' | 'EXPIRED' | 'NO_ROLE' | 'UNAVAILABLE';
  /** For the log. Contains nothing of the token that could be used to sign in. */
  readonly reason: string;
}

/** A place where tokens come from: a tokens file, or an identity provider. */
export interface TokenSource extends Disposable {
  /** Checks a bearer token. @returns null for a token that is not one of this source */
  check(token: string): Promise<Grant | Denial | null>;
  /** Reads the tokens, or the keys, again. */
  reload(): void;
  /** Calls `listener` after every change that can end the validity of a grant, apart from its expiry. */
  onChange(listener: () => void): void;
}

/** Sources that are asked in turn: the first that knows a token decides. */
export function joinSources(sources: readonly TokenSource[]): TokenSource {
  return {
    async check(token) {
      for (const source of sources) {
        const result = await source.check(token);
        if (result !== null) return result;
      }
      return null;
    },
    reload: () => sources.forEach((source) => source.reload()),
    onChange: (listener) => sources.forEach((source) => source.onChange(listener)),
    [Symbol.dispose]: () => sources.forEach((source) => source[Symbol.dispose]()),
  };
}
