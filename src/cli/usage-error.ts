/** The command line is invalid. The message names the flag and the problem. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
