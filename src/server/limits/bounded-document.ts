import { type DocumentNode, GraphQLError, parse, type ParseOptions, TokenKind } from 'graphql';
import type { Limits } from './limits.ts';

export type DocumentLimits = Pick<Limits, 'documentCharacters' | 'tokens' | 'nameCharacters' | 'brackets'>;

/**
 * Parses a document within limits.
 * @param reject creates the error for a document that exceeds a limit, from a message that names the limit
 * @throws GraphQLError for a syntax error, and the error that `reject` creates
 */
export function parseWithin(
  source: string,
  options: ParseOptions,
  limits: DocumentLimits,
  reject: (message: string) => GraphQLError,
): DocumentNode {
  if (source.length > limits.documentCharacters) {
    throw reject(
      `The document has more than ${limits.documentCharacters} characters. Split it, or send long values as variables.`,
    );
  }
  const document = parseTokens(source, options, limits.tokens, reject);
  const excess = findExcess(document, limits);
  if (excess !== null) throw reject(excess);
  return document;
}

function parseTokens(
  source: string,
  options: ParseOptions,
  maxTokens: number,
  reject: (message: string) => GraphQLError,
): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes('tokens. Parsing aborted')) {
      throw reject(`The document has more than ${maxTokens} tokens. Split it, or use fewer fields.`);
    }
    throw error;
  }
}

/** Names are repeated in answers and error paths for each list entry; nesting is visited by recursion. So both are limited. */
function findExcess({ loc }: DocumentNode, { nameCharacters, brackets }: DocumentLimits): string | null {
  let open = 0;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) {
    switch (token.kind) {
      case TokenKind.NAME:
        if (token.end - token.start > nameCharacters)
          return `The document has a name of more than ${nameCharacters} characters. Use a shorter one.`;
        break;
      case TokenKind.BRACE_L:
      case TokenKind.BRACKET_L:
      case TokenKind.PAREN_L:
        if (++open > brackets) return `The document nests more than ${brackets} brackets. Use fewer levels.`;
        break;
      case TokenKind.BRACE_R:
      case TokenKind.BRACKET_R:
      case TokenKind.PAREN_R:
        open--;
        break;
      default:
    }
  }
  return null;
}
