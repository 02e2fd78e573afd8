import type { MoveJobInput } from '../graphql/graphql.ts';

/**
 * The move that puts a job at another index of a list of waiting jobs.
 * @param ids the waiting jobs, in order
 * @param to index in the list without the job; an index beyond its ends means the first or the last place
 * @returns null if the job already has this place, or is not in the list
 */
export function moveTo(ids: readonly string[], id: string, to: number): MoveJobInput | null {
  const from = ids.indexOf(id);
  const others = ids.filter((other) => other !== id);
  const index = Math.min(Math.max(to, 0), others.length);
  if (from === -1 || from === index) return null;
  const next = others[index];
  if (next !== undefined) return { id, before: next };
  return { id, after: others.at(-1) ?? null };
}

/** The ids after a move. */
export function applyMove(ids: readonly string[], { id, before, after }: MoveJobInput): string[] {
  const others = ids.filter((other) => other !== id);
  const index = before == null ? others.indexOf(after ?? '') + 1 : others.indexOf(before);
  return [...others.slice(0, index), id, ...others.slice(index)];
}
