import { shorten } from '../../runner/index.ts';
import type { Limits } from './limits.ts';

export type VariableLimits = Pick<
  Limits,
  'variableValues' | 'objectKeys' | 'listEntries' | 'variableDepth' | 'textCharacters' | 'nameCharacters'
>;

/** Counted for each value that is not a string. */
const CHARACTERS_OF_OTHERS = 4;

/** The result of {@link measureVariables}. */
export interface VariableSize {
  /** Names the limit that the variables exceed; null if they are within all limits. */
  readonly excess: string | null;
  /** About as many characters as the variables have as JSON; less if they exceed a limit. */
  readonly characters: number;
}

/**
 * Measures the variables of an operation. They are the raw ones, because the limits protect GraphQL's own coercion. Visits no more
 * values than are allowed.
 */
export function measureVariables(variables: Readonly<Record<string, unknown>>, limits: VariableLimits): VariableSize {
  let values = 0;
  let characters = 0;

  function visit(value: unknown, depth: number): string | null {
    if (++values > limits.variableValues) return `more than ${limits.variableValues} values in all variables together`;
    characters += typeof value === 'string' ? value.length : CHARACTERS_OF_OTHERS;
    if (typeof value === 'string' && value.length > limits.textCharacters)
      return `a string of more than ${limits.textCharacters} characters`;
    if (typeof value === 'number' && !Number.isFinite(value)) return 'a number that is too large';
    if (typeof value !== 'object' || value === null) return null;
    if (depth === limits.variableDepth) return `more than ${limits.variableDepth} levels of objects and lists`;
    if (Array.isArray(value)) {
      if (value.length > limits.listEntries) return `a list of more than ${limits.listEntries} entries`;
      return firstOf(value, (entry) => visit(entry, depth + 1));
    }
    const entries = Object.entries(value);
    if (entries.length > limits.objectKeys) return `an object of more than ${limits.objectKeys} keys`;
    return firstOf(entries, ([key, part]) => {
      characters += key.length;
      return (
        (key.length > limits.nameCharacters ? `a key of more than ${limits.nameCharacters} characters` : null) ??
        visit(part, depth + 1)
      );
    });
  }

  const excess = firstOf(Object.entries(variables), ([name, value]) => {
    if (name.length > limits.nameCharacters)
      return `The variable $${shorten(name, 64)} has a name of more than ${limits.nameCharacters} characters. Use a shorter one.`;
    const found = visit(value, 0);
    return found && `The variable $${shorten(name, 64)} holds ${found}. Send less in one operation.`;
  });
  return { excess, characters };
}

function firstOf<Entry>(entries: readonly Entry[], find: (entry: Entry) => string | null): string | null {
  for (const entry of entries) {
    const found = find(entry);
    if (found !== null) return found;
  }
  return null;
}
