import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import TracingPlugin, { isRootField } from '@pothos/plugin-tracing';
import { forbidden, mayAdminister, mayChangeJob, mayOperate } from '../resolvers/authorize.ts';
import type { Context } from '../resolvers/context.ts';

/** The Pothos builder that every file of this folder adds its types to. Defines only Node, PageInfo and the root types. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  AuthScopes: {
    /** May start jobs. */
    operator: boolean;
    /** May change the job with this id. */
    owner: string;
    admin: boolean;
  };
  Scalars: {
    ID: { Input: string; Output: string };
    /** Unix milliseconds inside, ISO 8601 outside. */
    DateTime: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
    SafeInt: { Input: number; Output: number };
  };
}>({
  // Errors first: it rethrows a refusal, which is not an error type of the schema.
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, ComplexityPlugin, TracingPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authScopes: (context) => ({
      operator: mayOperate(context),
      owner: (jobId) => mayChangeJob(context, jobId),
      admin: mayAdminister(context),
    }),
    unauthorizedError: (_parent, context, { fieldName }) => forbidden(context, fieldName),
  },
  tracing: {
    // Root fields, and fields that opt in with `tracing: true`; not every property, and not every event of a feed.
    default: (field) => isRootField(field) && field.parentType !== 'Subscription',
    wrap: (resolver, options) => (parent, args, context, info) =>
      (context.traceResolver?.(resolver, options) ?? resolver)(parent, args, context, info),
  },
  relay: {
    // Job ids are unique and are used outside GraphQL too, so they serve unchanged as global ids.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: 'Job', id }),
    nodeTypeOptions: { description: 'An object that can be refetched by its id.' },
    idFieldOptions: { description: 'Unique id on this server.' },
    nodeQueryOptions: {
      description: 'Fetches an object by its id; null if no object has this id.',
      args: { id: { description: 'The id from an earlier response.' } },
    },
    nodesQueryOptions: false,
    pageInfoTypeOptions: { description: 'Position of a page in its list.' },
    hasNextPageFieldOptions: { description: 'True if more entries follow this page.' },
    hasPreviousPageFieldOptions: { description: 'True if more entries precede this page.' },
    startCursorFieldOptions: {
      description:
        'Cursor of the first entry: pass it as `before` to get the previous page. Null if the page is empty.',
    },
    endCursorFieldOptions: {
      description: 'Cursor of the last entry: pass it as `after` to get the next page. Null if the page is empty.',
    },
    pageInfoFieldOptions: { description: 'Position of this page in the list.' },
    edgesFieldOptions: {
      description: 'Entries of this page, in order.',
      // The connection field is charged for the size of the page.
      complexity: { field: 1, multiplier: 1 },
    },
    cursorFieldOptions: { description: 'Position of this entry in the list: pass it as `after` or `before`.' },
    nodeFieldOptions: { description: 'The entry.' },
    firstArgOptions: { description: 'Maximum number of entries from the start of the list: 1 to 200; default 50.' },
    afterArgOptions: { description: 'Return only entries after this cursor.' },
    lastArgOptions: {
      description: 'Maximum number of entries from the end of the list: 1 to 200. Cannot be combined with `first`.',
    },
    beforeArgOptions: { description: 'Return only entries before this cursor.' },
  },
});

builder.queryType({ description: 'Root query type.' });
builder.mutationType({ description: 'Root mutation type.' });
builder.subscriptionType({
  description: 'Root subscription type: live feeds over WebSocket (graphql-ws) or server-sent events.',
});
