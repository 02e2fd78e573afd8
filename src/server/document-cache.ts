import type { DocumentNode } from 'graphql';

/** Parsed documents by their source. */
export interface DocumentCache {
  get(source: string): DocumentNode | undefined;
  set(source: string, document: DocumentNode): void;
}

/**
 * Remembers documents, and forgets first what was not used for longest.
 * @param most characters of source, all documents together. A parsed document takes about 110 bytes for each, so that the default
 *   comes to 30 MB: several hundred documents as people write them. Yoga's own cache holds 1,024 of any size, which came to
 *   800 MB. A document that would take up more than a tenth is not remembered.
 */
export function createDocumentCache(most = 250_000): DocumentCache {
  // A Map keeps the order of insertion: the first was not used for longest.
  const kept = new Map<string, DocumentNode>();
  let characters = 0;

  function forget(source: string): void {
    if (kept.delete(source)) characters -= source.length;
  }

  function set(source: string, document: DocumentNode): void {
    forget(source);
    if (source.length > most / 10) return;
    kept.set(source, document);
    characters += source.length;
    for (const oldest of kept.keys()) {
      if (characters <= most) break;
      forget(oldest);
    }
  }

  return {
    get(source) {
      const document = kept.get(source);
      if (document) set(source, document);
      return document;
    },
    set,
  };
}
