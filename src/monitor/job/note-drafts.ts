/** The unsaved texts of a user about a job. */
export type NoteDraft = Readonly<Partial<Record<'name' | 'tags' | 'notes', string>>>;

/**
 * Unsaved changes by job id. They are kept while the user is on other pages of the monitor. The browser asks before the user leaves the
 * monitor with unsaved changes.
 */
export type NoteDrafts = Map<string, NoteDraft>;

/** For `Session.getOrCreate`. */
export function createNoteDrafts(): NoteDrafts {
  const drafts: NoteDrafts = new Map();
  addEventListener('beforeunload', (event) => {
    if (drafts.size > 0) event.preventDefault();
  });
  return drafts;
}
