import fc from 'fast-check';
import { getNamedType, type GraphQLField, isCompositeType, isObjectType, isRequiredArgument } from 'graphql';
import { schema } from '../../src/schema/index.ts';

/**
 * Random fields of a type, with aliases, fragments, and conditions that depend on the variable `$on`.
 * @param depth levels of fields below these
 */
export function selectionOf(typeName: string, depth: number): fc.Arbitrary<string> {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) return fc.constant('{ __typename }');
  const fields = Object.values(type.getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && (depth > 0 || !isCompositeType(getNamedType(field.type))),
  );
  const one = fc
    .record({
      field: fc.constantFrom(...fields),
      how: fc.constantFrom('', '', '', ' @include(if: $on)', ' @skip(if: $on)'),
      alias: fc.constantFrom('', '', 'one', 'two'),
      wrap: fc.constantFrom('', '', typeName),
    })
    .chain(({ field, how, alias, wrap }) =>
      selectionBelow(field, depth).map((below) => {
        // The same alias for two fields would be invalid.
        const name = alias === '' ? field.name : `${alias}_${field.name}: ${field.name}`;
        const text = `${name}${how} ${below}`;
        return wrap === '' ? text : `... on ${wrap} { ${text} }`;
      }),
    );
  return fc.array(one, { minLength: 1, maxLength: 5 }).map((parts) => `{ __typename ${parts.join(' ')} }`);
}

function selectionBelow(field: GraphQLField<unknown, unknown>, depth: number): fc.Arbitrary<string> {
  const type = getNamedType(field.type);
  return isCompositeType(type) ? selectionOf(type.name, depth - 1) : fc.constant('');
}
