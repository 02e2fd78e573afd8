import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStart } from '../../../src/runner/job/next-start.ts';

const candidates = fc.array(fc.record({ gpus: fc.nat(4), overtaken: fc.nat(9) }), { maxLength: 8 });
const free = fc.record({ slots: fc.nat(3), gpus: fc.integer({ min: -1, max: 4 }) });

test('starts the first that fits, nothing without a slot, and never more GPUs than are free', () => {
  fc.assert(
    fc.property(candidates, free, (all, capacity) => {
      const chosen = nextStart(all, capacity);
      const fits = ({ gpus }: { gpus: number }) => gpus === 0 || gpus <= capacity.gpus;
      if (capacity.slots === 0 || !all.some(fits)) {
        expect(chosen).toBeUndefined();
        return;
      }
      if (chosen === undefined) {
        // Only a job that was overtaken often enough holds others back, and none without GPUs.
        expect(all.some(({ gpus, overtaken }) => gpus > 0 && overtaken >= 8)).toBe(true);
        expect(all.every(({ gpus }) => gpus > 0)).toBe(true);
        return;
      }
      expect(fits(chosen.next)).toBe(true);
      const ahead = all.slice(0, all.indexOf(chosen.next));
      expect(ahead.every(({ gpus }) => gpus > 0)).toBe(true);
      if (chosen.next.gpus === 0) expect(chosen.overtakes).toEqual([]);
      else {
        expect(chosen.overtakes).toEqual(ahead);
        expect(ahead.every(({ overtaken }) => overtaken < 8)).toBe(true);
      }
    }),
  );
});
