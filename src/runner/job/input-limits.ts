/** Bounds of the whole numbers in the input of a start. */
export const INPUT_LIMITS = {
  epochs: [1, 1_000_000],
  batchSize: [1, 10_000_000],
  seed: [0, 2 ** 31 - 1],
  processes: [1, 1024],
  priority: [-1000, 1000],
  gpus: [0, 1024],
} as const satisfies Record<string, readonly [min: number, max: number]>;

/** For example `a whole number from 1 to 1,000,000`. */
export function wholeNumberText(min: number, max: number): string {
  return `a whole number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;
}
