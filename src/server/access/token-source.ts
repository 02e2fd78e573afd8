import type { Token } from '../../settings/tokens.ts';

/** The tokens that are valid now, apart from their expiry. */
export interface TokenSource extends Disposable {
  readonly current: readonly Token[];
  /** Reads the tokens again, if they come from a file. */
  reload(): void;
  /** Calls `listener` after every change of the tokens. */
  onChange(listener: () => void): void;
}

/** Tokens that never change, for a server whose tokens come from no file. */
export function fixedTokens(tokens: readonly Token[]): TokenSource {
  return { current: tokens, reload: () => undefined, onChange: () => undefined, [Symbol.dispose]: () => undefined };
}
