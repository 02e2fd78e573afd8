/** What a look at one thing has found. */
export interface Finding {
  /** What was looked at, for example `Python`. */
  readonly about: string;
  /** `NOTE`: it works without, or will soon not; `WRONG`: nothing can be trained or served like this. */
  readonly state: 'OK' | 'NOTE' | 'WRONG';
  /** A sentence about what there is. */
  readonly says: string;
  /** What to do about it; null when there is nothing to do. */
  readonly remedy: string | null;
}

export const ok = (about: string, says: string): Finding => ({ about, state: 'OK', says, remedy: null });
export const note = (about: string, says: string, remedy: string | null): Finding => ({
  about,
  state: 'NOTE',
  says,
  remedy,
});
export const wrong = (about: string, says: string, remedy: string): Finding => ({
  about,
  state: 'WRONG',
  says,
  remedy,
});
