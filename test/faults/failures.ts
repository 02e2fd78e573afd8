import { FAILURE_CODES, type Failure } from './failing-calls.ts';
import type { Random } from './random.ts';

/** Maximum number of failures for calls of one name: their first, their last and one between. */
const MOST_OCCURRENCES = 3;

/** Each kind of call in `calls` failing in turn, at different moments of a job's life. */
export function failuresOf(calls: readonly string[], random: Random): Failure[] {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].flatMap(([call, count]) => {
    const occurrences = new Set([1, count, random.whole(1, count)]);
    return [...occurrences].slice(0, MOST_OCCURRENCES).map((occurrence) => {
      return { call, occurrence, code: random.pick(FAILURE_CODES) };
    });
  });
}

/** Some of `items`, each at most once. */
export function sample<Item>(items: readonly Item[], count: number, random: Random): Item[] {
  const rest = [...items];
  const taken: Item[] = [];
  while (taken.length < count && rest.length > 0) taken.push(...rest.splice(random.whole(0, rest.length - 1), 1));
  return taken;
}
