/** The address of the queue page. @param group whose jobs it lists; null for all */
export function queuePath(group: string | null): string {
  return group === null ? '/queue' : `/queue?group=${encodeURIComponent(group)}`;
}
