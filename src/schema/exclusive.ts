/**
 * Field extensions of a mutation that starts a process or deletes jobs. An operation may contain only one such root field, so
 * that a small document cannot start many processes. The server enforces this on every transport.
 */
export const EXCLUSIVE = { exclusive: true } as const;

/** Whether a field has the extensions {@link EXCLUSIVE}. */
export function isExclusive({ extensions }: { readonly extensions: object }): boolean {
  return 'exclusive' in extensions && extensions.exclusive === true;
}
