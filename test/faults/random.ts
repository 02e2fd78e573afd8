/** Random choices that a seed repeats exactly, so that a failed run can be repeated. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number, both bounds included. */
  whole(least: number, most: number): number;
  chance(probability: number): boolean;
  /** @throws when there is nothing to choose from */
  pick<Item>(items: readonly Item[]): Item;
  /** An independent generator, so that the draws of one part do not change those of another. */
  fork(): Random;
}

/** mulberry32: 32 bits of state are plenty for choosing faults. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    whole: (least, most) => least + Math.floor(random.next() * (most - least + 1)),
    chance: (probability) => random.next() < probability,
    pick<Item>(items: readonly Item[]) {
      if (items.length === 0) throw new Error('there is nothing to pick from');
      return items[Math.floor(random.next() * items.length)] as Item;
    },
    fork: () => createRandom(Math.floor(random.next() * 2 ** 32)),
  };
  return random;
}

/** The seed that `TRAINYARD_FAULT_SEED` sets, or a new one. */
export function chosenSeed(): number {
  const set = process.env['TRAINYARD_FAULT_SEED'];
  return set === undefined || set === '' ? Math.floor(Math.random() * 2 ** 31) : Number(set);
}
