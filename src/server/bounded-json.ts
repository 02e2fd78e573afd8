import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Limits } from './limits.ts';

const QUOTE = 0x22;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Whether the objects and lists in a JSON text are nested deeper than `levels`. Whatever reads a parsed value by recursion, such as
 * `JSON.stringify`, exhausts its stack at some thousand levels, so this is found out before the text is parsed. A text that is not JSON
 * gives either answer.
 */
export function isNestedDeeper(text: string, levels: number): boolean {
  if (text.length <= levels) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return false;
}

/** Refuses requests over HTTP whose JSON is nested too deeply, before it is parsed. The WebSocket endpoint checks its messages. */
export function useBoundedJson({ jsonLevels }: Pick<Limits, 'jsonLevels'>): Plugin {
  function parseJson(text: string, what: string): unknown {
    if (isNestedDeeper(text, jsonLevels)) {
      throw badRequest(`${what} nests objects and lists deeper than ${jsonLevels} levels. Use fewer levels.`);
    }
    return JSON.parse(text);
  }

  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (!requestParser) return;
      if (request.method === 'GET') {
        const parameters = new URL(request.url).searchParams;
        for (const name of ['variables', 'extensions']) parseParameter(name, parameters.get(name) ?? '');
        return;
      }
      setRequestParser((limited) => {
        // Yoga's parser calls this method, and handles its errors.
        limited.json = async () => parseJson(await limited.text(), 'The request body') as never;
        return requestParser(limited);
      });
    },
  };

  /** Yoga parses these parameters too, but a syntax error in one would count as an internal error. */
  function parseParameter(name: string, text: string): void {
    if (text === '') return;
    try {
      parseJson(text, `The parameter ${name}`);
    } catch (error) {
      throw error instanceof GraphQLError ? error : badRequest(`The parameter ${name} is not valid JSON.`);
    }
  }
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}
