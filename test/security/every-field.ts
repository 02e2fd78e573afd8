import { getNamedType, type GraphQLObjectType, isObjectType, isRequiredArgument } from 'graphql';
import { schema } from '../../src/schema/index.ts';

/** A selection of every field that an object type has and needs no argument for. Jobs inside of it are selected by their id. */
export function everyField(typeName: string): string {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${typeName} is not an object type`);
  return selectionOf(type);
}

function selectionOf(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields())
    .filter(({ args }) => !args.some(isRequiredArgument))
    .map(({ name, type: fieldType }) => {
      const named = getNamedType(fieldType);
      if (!isObjectType(named)) return name;
      return `${name} ${named.name === 'Job' ? '{ id }' : selectionOf(named)}`;
    });
  return `{ ${fields.join(' ')} }`;
}
