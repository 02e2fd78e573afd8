import { type DocumentNode, GraphQLError, parse, type ParseOptions, TokenKind } from 'graphql';
import type { Limits } from './limits.ts';

export type DocumentLimits = Pick<Limits, 'documentCharacters' | 'tokens' | 'nameCharacters' | 'brackets'>;

/**
 * Parses a document.
 * @param refuse makes the error for a document that exceeds a limit, from a sentence that says which
 * @throws GraphQLError for a syntax error, and what `refuse` makes
 */
export function parseWithin(
  source: string,
  options: ParseOptions,
  limits: DocumentLimits,
  refuse: (message: string) => GraphQLError,
): DocumentNode {
  if (source.length > limits.documentCharacters) {
    throw refuse(
      `The document has more than ${limits.documentCharacters} characters. Split it, or send long values as variables.`,
    );
  }
  const document = parseTokens(source, options, limits.tokens, refuse);
  const excess = findExcess(document, limits);
  if (excess !== null) throw refuse(excess);
  return document;
}

function parseTokens(
  source: string,
  options: ParseOptions,
  most: number,
  refuse: (message: string) => GraphQLError,
): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: most });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes('tokens. Parsing aborted')) {
      throw refuse(`The document has more than ${most} tokens. Split it, or use fewer fields.`);
    }
    throw error;
  }
}

/** A name is repeated in answers and in paths of errors, for each entry of a list. What is nested is visited by recursion. */
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
