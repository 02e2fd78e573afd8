const SECONDS_OF_A_YEAR = 365 * 24 * 60 * 60;

/** Bounds of the whole numbers in the input of a start. */
export const INPUT_LIMITS = {
  epochs: [1, 1_000_000],
  batchSize: [1, 10_000_000],
  seed: [0, 2 ** 31 - 1],
  processes: [1, 1024],
  priority: [-1000, 1000],
  gpus: [0, 1024],
  retries: [0, 100],
} as const satisfies Limits;

/** Bounds of the other numbers in the input of a start. The learning rate must be greater than its minimum. */
export const DECIMAL_LIMITS = {
  learningRate: [0, 1000],
  timeLimitSeconds: [1, SECONDS_OF_A_YEAR],
  stallLimitSeconds: [1, SECONDS_OF_A_YEAR],
} as const satisfies Limits;

/** Bounds of the numbers among the resources of a start, all whole; those of a machine or a cluster are its own. */
export const RESOURCE_LIMITS = {
  cpus: [1, 4096],
  memoryMb: [16, 16 * 1024 * 1024],
  nodes: [1, 1024],
  timeLimitSeconds: [1, SECONDS_OF_A_YEAR],
} as const satisfies Limits;

/** The least time limit on a cluster, seconds: Slurm counts in minutes, and asks a job to save up to two minutes before its end. */
export const LEAST_CLUSTER_TIME = 60;

type Limits = Readonly<Record<string, readonly [min: number, max: number]>>;

/** For example `a whole number from 1 to 1,000,000`. */
export function wholeNumberText(min: number, max: number): string {
  return `a whole number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;
}
