import { getNamedType, type GraphQLField, type GraphQLSchema, isLeafType } from 'graphql';
import type { Context } from '../resolvers/context.ts';
import { jsonBytes } from './json-bytes.ts';
import { visibleResolver } from './visible-answers.ts';

/** Bytes of JSON around a value: two quotes, a colon and a comma; for an object or list also its braces or brackets. */
const AROUND_LEAF = 4;
const AROUND_OBJECT = 8;

/**
 * Makes every field of a schema count its bytes against `context.answer`, if set, before its value becomes part of the answer.
 * The executor gets each field that it runs from `schema.getField`, so no field is missed: neither `__typename`, which every type
 * has, nor the introspection fields, which all schemas share and which must not be modified.
 * @returns the same schema
 */
export function chargeAnswers(schema: GraphQLSchema): GraphQLSchema {
  const find = schema.getField.bind(schema);
  const charging = new WeakMap<Field, Field>();
  schema.getField = (type, name) => {
    const field = find(type, name);
    if (!field) return undefined;
    let charged = charging.get(field);
    if (!charged) {
      charged = charge(field);
      charging.set(field, charged);
    }
    return charged;
  };
  return schema;
}

type Field = GraphQLField<unknown, unknown>;

function charge(field: Field): Field {
  // Its text as it goes out, since that is what counts.
  const resolve = visibleResolver(field);
  const isLeaf = isLeafType(getNamedType(field.type));
  const around = isLeaf ? AROUND_LEAF : AROUND_OBJECT;
  const charged: Field = Object.assign(Object.create(Object.getPrototypeOf(field) as object) as Field, field);
  charged.resolve = (source, args, context, info) => {
    const value: unknown = resolve(source, args, context, info);
    const answer = (context as Partial<Context> | undefined)?.answer;
    if (!answer) return value;
    const count = (settled: unknown): unknown => {
      // List indexes add no key. Names are ASCII, so characters are bytes.
      const key = typeof info.path.key === 'string' ? info.path.key.length : 0;
      answer.charge(key + around + (isLeaf ? jsonBytes(settled) : 0), info.path);
      return settled;
    };
    return value instanceof Promise ? value.then(count) : count(value);
  };
  return charged;
}
