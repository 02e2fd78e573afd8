/** A set of small whole numbers, one bit each: 100,000 of them take 12.5 kB, and are combined and counted in microseconds. */
export interface Bitmap {
  /** 32 members a word; bit 0 of word 0 is the number 0. Replaced when the set grows. */
  readonly words: Uint32Array;
  add(member: number): void;
  delete(member: number): void;
}

export function createBitmap(): Bitmap {
  let words = new Uint32Array(64);
  return {
    get words() {
      return words;
    },
    add(member) {
      const index = member >>> 5;
      if (index >= words.length) {
        const grown = new Uint32Array(Math.max(index + 1, 2 * words.length));
        grown.set(words);
        words = grown;
      }
      words[index] = (words[index] as number) | (1 << (member & 31));
    },
    delete(member) {
      const index = member >>> 5;
      if (index < words.length) words[index] = (words[index] as number) & ~(1 << (member & 31));
    },
  };
}

export function hasBit(words: Uint32Array, member: number): boolean {
  return ((words[member >>> 5] ?? 0) & (1 << (member & 31))) !== 0;
}

/** Number of bits that are set. Source: the parallel bit count in Warren, Hacker's Delight, section 5-1. */
export function countBits(words: Uint32Array): number {
  let count = 0;
  for (let word of words) {
    word -= (word >>> 1) & 0x5555_5555;
    word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return count;
}

/** Keeps in `words` only members of every other set. */
export function intersect(words: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < words.length; index += 1) {
    words[index] = (words[index] as number) & (other[index] ?? 0);
  }
}

/** Adds the members of the other set to `words`, which must be long enough. */
export function unite(words: Uint32Array, other: Uint32Array): void {
  const length = Math.min(words.length, other.length);
  for (let index = 0; index < length; index += 1) words[index] = (words[index] as number) | (other[index] as number);
}

/** The members, smallest first. */
export function* membersOf(words: Uint32Array): Generator<number> {
  for (let index = 0; index < words.length; index += 1) {
    for (let word = words[index] as number; word !== 0; word &= word - 1) {
      yield (index << 5) + 31 - Math.clz32(word & -word);
    }
  }
}
