/** Processor time for one file, seconds: far more than an ordinary file takes. */
const CPU_SECONDS = 5;
/** Memory of a Python process that reads files, MiB. A preview takes about 220 MiB. */
const MEMORY_MIB = 1024;

/** Arguments that limit the cost of one file for a Python process: see `python/trainyard/cost_limit.py`. */
export const COST_LIMITS = ['--cpu-seconds', String(CPU_SECONDS), '--memory-mib', String(MEMORY_MIB)];

/** The advice for a file that costs too much. */
export const REMEDY = 'It is not read again until it changes: replace it by a smaller or simpler file.';
