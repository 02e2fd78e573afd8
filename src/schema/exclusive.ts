/**
 * Field extensions of a mutation that starts a process or deletes jobs. One operation may have one such root field, so that no
 * small document does the work of thirty. The server enforces it, on every transport.
 */
export const EXCLUSIVE = { exclusive: true } as const;

/** Whether a field has the extensions {@link EXCLUSIVE}. */
export function isExclusive({ extensions }: { readonly extensions: object }): boolean {
  return 'exclusive' in extensions && extensions.exclusive === true;
}
