import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { describeJsonExcess, findJsonExcess, type JsonLimits } from './json-scan.ts';

/** Refuses requests over HTTP whose JSON would cost too much to parse. The WebSocket endpoint checks its messages. */
export function useBoundedJson(limits: JsonLimits): Plugin {
  function parseJson(text: string, what: string): unknown {
    const excess = findJsonExcess(text, limits);
    if (excess === null) return JSON.parse(text);
    const tooMuch = `${what} ${describeJsonExcess(excess, limits)}.`;
    throw excess === 'LEVELS'
      ? badRequest(`${tooMuch} Use fewer levels.`)
      : badRequest(`${tooMuch} Send less in one operation.`, 'VARIABLES_TOO_LARGE');
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

/** The error for a request that is refused before it is parsed. */
export function badRequest(message: string, code = 'BAD_REQUEST'): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}
