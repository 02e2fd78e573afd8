import type { Plugin } from 'graphql-yoga';

/** Headers of every GraphQL answer: no cache keeps it, and no proxy holds back the events of a feed (nginx does by default). */
export function useAnswerHeaders(): Plugin {
  return {
    onResponse({ response }) {
      response.headers.set('cache-control', 'no-store');
      if (/^(text\/event-stream|multipart\/mixed)/.test(response.headers.get('content-type') ?? '')) {
        response.headers.set('x-accel-buffering', 'no');
      }
    },
  };
}
