import { defaultFieldResolver, getNamedType, type GraphQLField, type GraphQLFieldResolver } from 'graphql';
import { visibleText } from '../runner/index.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Visible forms of objects, which do not change: aliases and subscribers ask for the same ones again and again. */
const known = new WeakMap<object, unknown>();

/**
 * The resolver of a field, whose text has control and bidirectional characters made visible (see {@link visibleText}): names, notes, messages
 * and log lines come from other users and from training scripts. Applies to `String` and to all text inside `JSON`, keys included. `ID`, enums and
 * other scalars have formats of their own.
 */
export function visibleResolver(field: GraphQLField<unknown, unknown>): Resolver {
  const resolve = field.resolve ?? defaultFieldResolver;
  const type = getNamedType(field.type).name;
  if (type !== 'String' && type !== 'JSON') return resolve;
  return (source, args, context, info) => {
    const value: unknown = resolve(source, args, context, info);
    return value instanceof Promise ? value.then(visibleValue) : visibleValue(value);
  };
}

/** A JSON value with all its text made visible; the same value if nothing has to change. */
function visibleValue(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (!known.has(value)) known.set(value, visibleObject(value));
  return known.get(value);
}

function visibleObject(value: object): unknown {
  if (Array.isArray(value)) {
    const entries: unknown[] = value.map(visibleValue);
    return entries.every((entry, index) => entry === value[index]) ? value : entries;
  }
  const entries = Object.entries(value);
  const visible = entries.map(([key, entry]) => [visibleText(key), visibleValue(entry)] as const);
  const isSame = visible.every(([key, entry], index) => key === entries[index]?.[0] && entry === entries[index][1]);
  return isSame ? value : Object.fromEntries(visible);
}
