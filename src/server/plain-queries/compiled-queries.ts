import type { DocumentNode, GraphQLSchema } from 'graphql';
import { type CompiledQuery, compileQuery } from './compile-query.ts';

/** The compiled forms of the queries that answer synchronously. They exist as long as their documents. */
export interface CompiledQueries {
  get(document: DocumentNode, operationName: string | null | undefined): CompiledQuery | undefined;
  /** Compiles a query that graphql-js has answered at once and without an error, if it was not given up before. */
  add(document: DocumentNode, operationName: string | null | undefined): void;
  /** Leaves a query to graphql-js from now on, so that its work is not done twice for each request. */
  giveUp(document: DocumentNode, operationName: string | null | undefined): void;
}

export function createCompiledQueries(schema: GraphQLSchema): CompiledQueries {
  const known = new WeakMap<DocumentNode, Map<string | null, CompiledQuery | null>>();

  function of(document: DocumentNode): Map<string | null, CompiledQuery | null> {
    const found = known.get(document) ?? new Map<string | null, CompiledQuery | null>();
    known.set(document, found);
    return found;
  }

  return {
    get: (document, operationName) => known.get(document)?.get(operationName ?? null) ?? undefined,
    add(document, operationName) {
      const queries = of(document);
      if (queries.has(operationName ?? null)) return;
      queries.set(operationName ?? null, compileQuery(schema, document, operationName));
    },
    giveUp: (document, operationName) => void of(document).set(operationName ?? null, null),
  };
}
