import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import TracingPlugin, { isRootField } from '@pothos/plugin-tracing';
import type { Context } from '../resolvers/context.ts';

/** What the types of every other file in this folder are made with. It holds none itself. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    /** Unix milliseconds inside, ISO 8601 outside. */
    DateTime: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
    SafeInt: { Input: number; Output: number };
  };
}>({
  plugins: [ErrorsPlugin, RelayPlugin, ComplexityPlugin, TracingPlugin],
  defaultFieldNullability: false,
  tracing: {
    // What is asked for, and fields that say of themselves that they work for it; not each property, nor each event of a feed.
    default: (field) => isRootField(field) && field.parentType !== 'Subscription',
    wrap: (resolver, options) => (parent, args, context, info) =>
      (context.traceResolver?.(resolver, options) ?? resolver)(parent, args, context, info),
  },
  relay: {
    // A job's id is unique by itself and of use outside of GraphQL too: it is the global id as it stands.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: 'Job', id }),
    nodeTypeOptions: { description: 'Something that can be fetched again by its id alone.' },
    idFieldOptions: { description: 'Unique in all of this server.' },
    nodeQueryOptions: {
      description: 'Whatever has this id; null when nothing has.',
      args: { id: { description: 'The id, as any earlier answer gave it.' } },
    },
    nodesQueryOptions: false,
    pageInfoTypeOptions: { description: 'What lies around a page of a list.' },
    hasNextPageFieldOptions: { description: 'Whether there is more behind this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there is more ahead of this page.' },
    startCursorFieldOptions: {
      description: 'Hand it back as `before` for the page ahead; null when the page is empty.',
    },
    endCursorFieldOptions: { description: 'Hand it back as `after` for the page behind; null when the page is empty.' },
    pageInfoFieldOptions: { description: 'What lies around this page.' },
    edgesFieldOptions: {
      description: 'The entries of this page, in order.',
      // The connection itself is charged for the size of the page.
      complexity: { field: 1, multiplier: 1 },
    },
    cursorFieldOptions: { description: 'The place of this entry in the list: hand it back as `after` or `before`.' },
    nodeFieldOptions: { description: 'The entry itself.' },
    firstArgOptions: { description: 'At most so many entries from the beginning: 1 to 200, default 50.' },
    afterArgOptions: { description: 'Only what comes after this cursor.' },
    lastArgOptions: { description: 'At most so many entries from the end: 1 to 200. Not together with `first`.' },
    beforeArgOptions: { description: 'Only what comes before this cursor.' },
  },
});

builder.queryType({ description: 'What can be asked.' });
builder.mutationType({ description: 'What can be done.' });
builder.subscriptionType({
  description: 'What can be watched live, over WebSocket (graphql-ws) or server-sent events.',
});
