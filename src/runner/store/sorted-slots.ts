import { firstIndex } from '../first-index.ts';
import { comparePlaces, type JobPlace } from './job-order.ts';

/**
 * Slots of jobs, sorted by the places of the jobs in an order. Adding and removing costs a binary search and a move of at most
 * {@link CHUNK} entries.
 */
export interface SortedSlots {
  readonly size: number;
  add(slot: number): void;
  /** Must be called while the job is at the place where it was added. */
  remove(slot: number): void;
  /**
   * Visits the slots behind a place, upwards or downwards, until `visit` returns true.
   * @param from null starts at the first one, or downwards at the last
   * @returns whether `visit` returned true
   */
  visit(from: JobPlace | null, upwards: boolean, visit: (slot: number) => boolean): boolean;
}

const CHUNK = 512;

/**
 * @param placeAt the current place of the job in a slot
 * @param sorted slots that are sorted already
 */
export function createSortedSlots(placeAt: (slot: number) => JobPlace, sorted: readonly number[] = []): SortedSlots {
  const chunks: number[][] = [];
  for (let start = 0; start < sorted.length; start += CHUNK / 2) chunks.push(sorted.slice(start, start + CHUNK / 2));
  let size = sorted.length;

  const isBefore = (slot: number, place: JobPlace) => comparePlaces(placeAt(slot), place, 'ASC') < 0;

  /** The chunk and the position in it of the first slot that is not before `place`; the position after the last if there is none. */
  function find(place: JobPlace): [chunk: number, position: number] {
    const chunk = firstIndex(chunks.length, (index) => !isBefore(chunks[index]?.at(-1) as number, place));
    const slots = chunks[chunk];
    if (!slots) return [Math.max(0, chunks.length - 1), chunks.at(-1)?.length ?? 0];
    return [chunk, firstIndex(slots.length, (index) => !isBefore(slots[index] as number, place))];
  }

  return {
    get size() {
      return size;
    },
    add(slot) {
      size += 1;
      const [index, position] = find(placeAt(slot));
      const chunk = chunks[index];
      if (!chunk) {
        chunks.push([slot]);
        return;
      }
      chunk.splice(position, 0, slot);
      if (chunk.length > CHUNK) chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2));
    },
    remove(slot) {
      const [index, position] = find(placeAt(slot));
      const chunk = chunks[index];
      if (chunk?.[position] !== slot) throw new Error(`The job in slot ${slot} is not at its place.`);
      size -= 1;
      chunk.splice(position, 1);
      if (chunk.length === 0) chunks.splice(index, 1);
    },
    visit(from, upwards, visit) {
      let [index, position] = from ? find(from) : upwards ? [0, 0] : [chunks.length - 1, chunks.at(-1)?.length ?? 0];
      if (upwards) {
        const first = chunks[index]?.[position];
        if (from && first !== undefined && comparePlaces(placeAt(first), from, 'ASC') === 0) position += 1;
        for (let chunk = chunks[index]; chunk; chunk = chunks[++index], position = 0) {
          for (; position < chunk.length; position += 1) if (visit(chunk[position] as number)) return true;
        }
        return false;
      }
      for (let chunk = chunks[index]; chunk; chunk = chunks[--index], position = chunk?.length ?? 0) {
        for (position -= 1; position >= 0; position -= 1) if (visit(chunk[position] as number)) return true;
      }
      return false;
    },
  };
}
