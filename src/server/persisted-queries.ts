import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createTextCache } from './text-cache.ts';

/** Characters of the documents that are kept, about 2 MB; one of more than a tenth of it (the most that may be sent) is not. */
const KEPT_CHARACTERS = 1_000_000;

/**
 * Automatic persisted queries over HTTP: a client sends the SHA-256 hash of a document, and the document itself only when the server
 * answers `PersistedQueryNotFound`. https://www.apollographql.com/docs/apollo-server/performance/apq
 *
 * It only fills in the document, so all rules for documents apply to these too: access, limits, and no mutation by GET. The
 * documents are kept in memory; clients send evicted documents again.
 *
 * Yoga has a plugin for this, `@graphql-yoga/plugin-apq`. Its version 3.6.2 requires a release of `@graphql-tools/utils` that conflicts
 * with those of Yoga and of our code generator, and bounds its store by number only: 1,000 documents of any size.
 */
export function usePersistedQueries(): Plugin {
  const documents = createTextCache<string>(KEPT_CHARACTERS, (_hash, document) => document);
  return {
    onParams({ params, setParams }) {
      const hash = persistedHash(params.extensions);
      if (hash === null) return;
      if (typeof params.query !== 'string') {
        const query = documents.get(hash);
        // 200, which browsers do not report as a failed request: the client sends the document next.
        if (query === undefined) throw refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND', 200);
        setParams({ ...params, query });
        return;
      }
      if (createHash('sha256').update(params.query).digest('hex') !== hash) {
        throw refusal(
          'sha256Hash must be the SHA-256 hash of query, in lowercase hexadecimal.',
          'PERSISTED_QUERY_HASH_MISMATCH',
          400,
        );
      }
      documents.set(hash, params.query);
    },
  };
}

/** The hash in the `extensions` of a request; null when the request is not for a persisted query. */
function persistedHash(extensions: unknown): string | null {
  const { persistedQuery } = Object(extensions) as { persistedQuery?: unknown };
  const { version, sha256Hash } = Object(persistedQuery) as { version?: unknown; sha256Hash?: unknown };
  return version === 1 && typeof sha256Hash === 'string' ? sha256Hash : null;
}

function refusal(message: string, code: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status } } });
}
