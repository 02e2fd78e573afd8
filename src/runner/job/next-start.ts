/** Maximum number of jobs with GPUs that may overtake the first job that waits for more GPUs than are free. */
const MAX_OVERTAKES = 8;

/** A waiting job that only needs a slot and GPUs: nothing else keeps it from starting. */
export interface Candidate {
  /** Number of GPUs that it needs. */
  readonly gpus: number;
  /** Number of jobs with GPUs that have overtaken it. */
  readonly overtaken: number;
}

/** Free slots and GPUs. */
export interface FreeCapacity {
  readonly slots: number;
  readonly gpus: number;
}

/** The job to start, and those that it overtakes. */
export interface NextStart<Job> {
  readonly next: Job;
  /** Jobs ahead of it that wait for GPUs, if it needs GPUs itself. */
  readonly overtakes: readonly Job[];
}

/**
 * Chooses the next job to start. A job that needs no GPU takes nothing from those that wait for one: it may always pass.
 * @param candidates in the order of the queue; of those that need the same number of GPUs only the first matters
 */
export function nextStart<Job extends Candidate>(
  candidates: Iterable<Job>,
  free: FreeCapacity,
): NextStart<Job> | undefined {
  if (free.slots <= 0) return undefined;
  const passed: Job[] = [];
  for (const candidate of candidates) {
    if (candidate.gpus === 0) return { next: candidate, overtakes: [] };
    const heldBack = passed.some(({ overtaken }) => overtaken >= MAX_OVERTAKES);
    if (candidate.gpus <= Math.max(0, free.gpus) && !heldBack) return { next: candidate, overtakes: passed };
    passed.push(candidate);
  }
  return undefined;
}
