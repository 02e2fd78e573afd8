/** Seconds of processor time for one file, far above what an ordinary one takes. */
const CPU_SECONDS = 5;
/** Address space of a Python that reads files; one that reads an ordinary file takes 30. */
const MEMORY_MIB = 1024;

/** Arguments that bound what a Python process may spend on one file, see `python/trainyard/cost_limit.py`. */
export const COST_LIMITS = ['--cpu-seconds', String(CPU_SECONDS), '--memory-mib', String(MEMORY_MIB)];

/** What to do about a file that costs too much. */
export const REMEDY = 'It is not read again until it changes: replace it by a smaller or simpler file.';
