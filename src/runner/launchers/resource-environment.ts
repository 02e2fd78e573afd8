import type { TrainingRequest } from '../job/request.ts';

/** The variables from which libraries read how many threads to use: OpenMP and PyTorch, MKL, OpenBLAS, numexpr, Polars. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'MKL_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'POLARS_MAX_THREADS',
  'RAYON_NUM_THREADS',
];

/**
 * The environment variables that limit a training on this machine: its CPUs are a number of threads for each of its processes, and
 * `TRAINYARD_MEMORY_MB` makes the supervisor limit the data of each (see PROTOCOL.md, Limits).
 */
export function resourceEnvironment({ resources, processes }: TrainingRequest): Record<string, string> {
  const { cpus = null, memoryMb = null } = resources ?? {};
  const threads = cpus === null ? null : String(Math.max(1, Math.floor(cpus / processes)));
  return {
    ...(threads !== null && Object.fromEntries(THREAD_VARIABLES.map((name) => [name, threads]))),
    ...(memoryMb !== null && { TRAINYARD_MEMORY_MB: String(memoryMb) }),
  };
}
