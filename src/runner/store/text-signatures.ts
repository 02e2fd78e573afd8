import { createBitmap, hasBit } from './bitmap.ts';

/**
 * Finds which jobs may contain a text without looking at them. The sequences of one, two and three characters in the texts of a job set
 * bits in its column of a table; a text can only be in jobs whose columns have the bits of all its sequences. A few others have them too,
 * so the caller tests the jobs that are found.
 */
export interface TextSignatures {
  /** Sets the texts of the job in this slot, in lower case, and forgets earlier ones. */
  set(slot: number, texts: readonly string[]): void;
  /** Removes from `slots`, a bitmap, jobs that cannot contain `part`, a text in lower case. */
  narrow(slots: Uint32Array, part: string): void;
}

/** Classes of characters: each Latin letter and each digit is one, the others share the rest. */
const CLASSES = 64;
const LETTERS_AND_DIGITS = 36;
const OTHERS = CLASSES - LETTERS_AND_DIGITS;
/** Rows for sequences of three characters. Each sets two, so that one row in common with a frequent sequence does not matter. */
const TRIPLE_ROWS = 2048;
const FIRST_PAIR = CLASSES;
const FIRST_TRIPLE = FIRST_PAIR + CLASSES * CLASSES;
/** The table grows by blocks of 2,048 jobs, so that no growth copies it. */
const BLOCK_WORDS = 64;

/** For each row the bits of the jobs of a block. Rows that are empty do not exist. */
type Block = (Uint32Array | undefined)[];

export function createTextSignatures(): TextSignatures {
  const blocks: Block[] = [];
  /** Slots with texts. */
  const filled = createBitmap();

  function blockOf(word: number): Block {
    const index = Math.floor(word / BLOCK_WORDS);
    while (blocks.length <= index) blocks.push(new Array<undefined>(FIRST_TRIPLE + TRIPLE_ROWS).fill(undefined));
    return blocks[index] as Block;
  }

  return {
    set(slot, texts) {
      const block = blockOf(slot >>> 5);
      const column = (slot >>> 5) % BLOCK_WORDS;
      const bit = 1 << (slot & 31);
      if (hasBit(filled.words, slot)) for (const row of block) if (row) row[column] = (row[column] as number) & ~bit;
      filled.add(slot);
      for (const text of texts) {
        forEachRow(text, (index) => {
          const row = (block[index] ??= new Uint32Array(BLOCK_WORDS));
          row[column] = (row[column] as number) | bit;
        });
      }
    },
    narrow(slots, part) {
      const rows = new Set<number>();
      forEachRow(part, (index) => rows.add(index));
      for (let start = 0; start < slots.length; start += BLOCK_WORDS) {
        const block = blocks[start / BLOCK_WORDS];
        const end = Math.min(slots.length, start + BLOCK_WORDS);
        for (const index of rows) {
          const row = block?.[index];
          if (!row) {
            slots.fill(0, start, end);
            break;
          }
          for (let word = start; word < end; word += 1) {
            slots[word] = (slots[word] as number) & (row[word - start] as number);
          }
        }
      }
    },
  };
}

/** Calls `use` with the row of each character and of each sequence of two, and with both rows of each sequence of three. */
function forEachRow(text: string, use: (row: number) => void): void {
  let [previousUnit, unit, lastClass] = [0, 0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const next = text.charCodeAt(index);
    const nextClass = classOf(next);
    use(nextClass);
    if (index > 0) use(FIRST_PAIR + lastClass * CLASSES + nextClass);
    if (index > 1) {
      const hash = mixed(Math.imul(previousUnit * 65_599 + unit, 65_599) + next);
      use(FIRST_TRIPLE + (hash % TRIPLE_ROWS));
      use(FIRST_TRIPLE + ((hash >>> 16) % TRIPLE_ROWS));
    }
    [previousUnit, unit, lastClass] = [unit, next, nextClass];
  }
}

function classOf(unit: number): number {
  if (unit >= 97 && unit <= 122) return unit - 97;
  if (unit >= 48 && unit <= 57) return 26 + unit - 48;
  return LETTERS_AND_DIGITS + (unit % OTHERS);
}

/** Spreads similar numbers. Source: the finalizer of MurmurHash3. */
function mixed(number: number): number {
  let hash = number | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
