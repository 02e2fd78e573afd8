import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createTextCache } from '../text-cache.ts';

/** Documents that were parsed and found valid, by their text. */
export interface KnownDocuments {
  get(source: string): DocumentNode | undefined;
  /** Adds the documents that Yoga has found valid. */
  readonly plugin: Plugin;
}

/** @param maxCharacters of all texts together */
export function createKnownDocuments(maxCharacters: number): KnownDocuments {
  const documents = createTextCache<DocumentNode>(maxCharacters, (source) => source);
  return {
    get: (source) => documents.get(source),
    plugin: {
      onValidate({ params: { documentAST } }) {
        return ({ valid }) => {
          const document = documentAST as DocumentNode;
          const source = document.loc?.source.body;
          if (valid && source !== undefined) documents.set(source, document);
        };
      },
    },
  };
}
