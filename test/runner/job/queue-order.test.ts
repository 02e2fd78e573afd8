import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareQueuePlaces, placeBetween } from '../../../src/runner/job/queue-order.ts';

test('higher priority first, then lower place, then the id', () => {
  const places = [
    { jobId: 'b', priority: 0, place: 2 },
    { jobId: 'a', priority: 0, place: 2 },
    { jobId: 'c', priority: 0, place: 1.5 },
    { jobId: 'd', priority: 1, place: 9 },
    { jobId: 'e', priority: -1, place: 0 },
  ];
  expect(places.toSorted(compareQueuePlaces).map(({ jobId }) => jobId)).toEqual(['d', 'c', 'a', 'b', 'e']);
});

const place = fc.option(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { nil: undefined });

test('a place between two others is strictly between them, or there is none', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      const [ahead, behind] = a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
      const between = placeBetween(ahead, behind);
      if (between === undefined) {
        // Only neighbouring numbers have none: their middle is rounded to one of them, up or down.
        const ends = [ahead ?? NaN, behind ?? NaN] as const;
        expect(ends).toContain(ends[0] + (ends[1] - ends[0]) / 2);
        return;
      }
      if (ahead !== undefined) expect(between).toBeGreaterThan(ahead);
      if (behind !== undefined) expect(between).toBeLessThan(behind);
    }),
  );
});

test('neighbouring numbers have no place between them, whichever of them their middle is rounded to', () => {
  expect(placeBetween(1, 1 + Number.EPSILON)).toBeUndefined();
  expect(placeBetween(1 + Number.EPSILON, 1 + 2 * Number.EPSILON)).toBeUndefined();
});

test('moves to the same spot run out of numbers only after many of them', () => {
  let behind: number | undefined = 2;
  let moves = 0;
  for (; behind !== undefined; behind = placeBetween(1, behind)) moves += 1;
  expect(moves).toBeGreaterThan(50);
});
