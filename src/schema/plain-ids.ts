import { type GraphQLSchema, isObjectType } from 'graphql';

/**
 * Resolves the `id` of each node without a promise. Pothos's relay plugin encodes ids in an asynchronous function; here they are the
 * ids of the objects unchanged. With a promise, every answer that contains an id is assembled later, and cannot be shared by subscribers.
 * @returns the same schema
 */
export function resolveIdsAtOnce(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || !type.getInterfaces().some(({ name }) => name === 'Node')) continue;
    const id = type.getFields()['id'];
    if (id) id.resolve = (source: { readonly id: string }) => source.id;
  }
  return schema;
}
