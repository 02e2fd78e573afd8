import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSortedList } from '../../src/runner/sorted-list.ts';

const changes = fc.array(fc.record({ kind: fc.constantFrom('add', 'remove'), value: fc.nat(20) }), { maxLength: 60 });

test('holds each entry once, in order, and finds it', () => {
  fc.assert(
    fc.property(changes, (all) => {
      const list = createSortedList<number>((a, b) => a - b);
      const model = new Set<number>();
      for (const { kind, value } of all) {
        if (kind === 'add' && !model.has(value)) list.add(value);
        if (kind === 'add') model.add(value);
        else list.remove(value);
        if (kind === 'remove') model.delete(value);
      }
      const sorted = [...model].sort((a, b) => a - b);
      expect(list.entries).toEqual(sorted);
      expect(list.length).toBe(sorted.length);
      for (let value = 0; value <= 20; value += 1) expect(list.indexOf(value)).toBe(sorted.indexOf(value));
      expect(list.at(0)).toBe(sorted[0]);
    }),
  );
});
