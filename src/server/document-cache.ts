import type { DocumentNode } from 'graphql';

/** A cache of parsed documents by source. */
export interface DocumentCache {
  get(source: string): DocumentNode | undefined;
  set(source: string, document: DocumentNode): void;
}

/**
 * Creates a least-recently-used cache.
 * @param maxCharacters total length of all sources. A parsed document takes about 110 bytes per character, so the default uses at
 *   most 30 MB: several hundred typical documents. Yoga's own cache holds 1,024 documents of any size, which reached 800 MB. A
 *   document longer than a tenth of the maximum is not cached.
 */
export function createDocumentCache(maxCharacters = 250_000): DocumentCache {
  // A Map keeps insertion order, so the first entry is the least recently used.
  const documents = new Map<string, DocumentNode>();
  let characters = 0;

  function evict(source: string): void {
    if (documents.delete(source)) characters -= source.length;
  }

  function set(source: string, document: DocumentNode): void {
    evict(source);
    if (source.length > maxCharacters / 10) return;
    documents.set(source, document);
    characters += source.length;
    for (const oldest of documents.keys()) {
      if (characters <= maxCharacters) break;
      evict(oldest);
    }
  }

  return {
    get(source) {
      const document = documents.get(source);
      if (document) set(source, document);
      return document;
    },
    set,
  };
}
