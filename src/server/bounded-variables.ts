import { shorten } from '../runner/index.ts';
import type { Limits } from './limits.ts';

export type VariableLimits = Pick<
  Limits,
  'variableValues' | 'objectKeys' | 'listEntries' | 'variableDepth' | 'textCharacters' | 'nameCharacters'
>;

/**
 * Returns a message that names the limit that the variables of an operation exceed; null if they are within all limits. The
 * variables are the raw ones, because the limits protect GraphQL's own coercion. Visits no more values than are allowed.
 */
export function findExcess(variables: Readonly<Record<string, unknown>>, limits: VariableLimits): string | null {
  let values = 0;

  function visit(value: unknown, depth: number): string | null {
    if (++values > limits.variableValues) return `more than ${limits.variableValues} values in all variables together`;
    if (typeof value === 'string' && value.length > limits.textCharacters)
      return `a string of more than ${limits.textCharacters} characters`;
    if (typeof value !== 'object' || value === null) return null;
    if (depth === limits.variableDepth) return `more than ${limits.variableDepth} levels of objects and lists`;
    if (Array.isArray(value)) {
      if (value.length > limits.listEntries) return `a list of more than ${limits.listEntries} entries`;
      return firstOf(value, (entry) => visit(entry, depth + 1));
    }
    const entries = Object.entries(value);
    if (entries.length > limits.objectKeys) return `an object of more than ${limits.objectKeys} keys`;
    return firstOf(
      entries,
      ([key, part]) =>
        (key.length > limits.nameCharacters ? `a key of more than ${limits.nameCharacters} characters` : null) ??
        visit(part, depth + 1),
    );
  }

  return firstOf(Object.entries(variables), ([name, value]) => {
    const excess = visit(value, 0);
    return excess && `The variable $${shorten(name, 64)} holds ${excess}. Send less in one operation.`;
  });
}

function firstOf<Entry>(entries: readonly Entry[], find: (entry: Entry) => string | null): string | null {
  for (const entry of entries) {
    const found = find(entry);
    if (found !== null) return found;
  }
  return null;
}
