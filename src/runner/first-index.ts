/**
 * Binary search: the first whole number from `start` on, below `end`, for which `holds` is true; `end` if there is none. `holds` must be
 * true for all that follow the first.
 * @param start default: 0
 */
export function firstIndex(end: number, holds: (index: number) => boolean, start = 0): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
