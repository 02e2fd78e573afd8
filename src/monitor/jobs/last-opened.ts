/** The job that the user has opened from the list, to which the focus returns; null for none. For `Session.getOrCreate`. */
export function createLastOpened(): { id: string | null } {
  return { id: null };
}
