/** Somebody who may use the API. The token itself is not kept, only its digest. */
export interface Token {
  readonly name: string;
  /** SHA-256 of the token, 32 bytes. */
  readonly digest: Buffer;
}

/**
 * Parses the content of a tokens file: a line `name sha256-hex-of-the-token` for each user; empty lines and lines that
 * begin with `#` are skipped. Returns what is wrong, to follow the name of the setting, when it cannot.
 */
export function parseTokens(text: string): readonly Token[] | string {
  const tokens: Token[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = /^(\S+)\s+([0-9a-f]{64})\s*$/i.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) {
      return `must have lines of the form "name sha256-hex-of-the-token", and line ${index + 1} has not`;
    }
    tokens.push({ name: match[1], digest: Buffer.from(match[2], 'hex') });
  }
  return tokens.length > 0 ? tokens : 'must name a file with at least one token, and it has none';
}
