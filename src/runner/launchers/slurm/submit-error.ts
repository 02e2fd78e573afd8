/**
 * Errors of `sbatch` that another try may not meet: the controller is unavailable or busy, or a limit on the number of jobs is reached.
 * Parts of
 * Slurm's own messages, from `slurm_errno.c`.
 */
const TEMPORARY = [
  'Unable to contact slurm controller',
  'did not answer within',
  'Socket timed out',
  'Zero Bytes were transmitted',
  'Transport endpoint is not connected',
  'Connection refused',
  'Connection reset',
  'Unexpected message received',
  'Slurm backup controller in standby mode',
  'Insufficient permissions to communicate',
  'Resource temporarily unavailable',
  'temporarily unable to accept job',
  'Slurm temporarily',
  'Job violates accounting/QOS policy (job submit limit',
  'reached the maximum job limit',
  'Munge',
  'munge',
  'Protocol authentication error',
  'I/O error writing script/environment to file',
  'fetch_config',
  'Could not establish a configuration source',
];

/** Whether a submission that failed with this message is worth another try. */
export function isTemporary(message: string): boolean {
  return TEMPORARY.some((part) => message.includes(part));
}
