/** The result of one check. */
export interface Finding {
  /** The subject of the check, for example `Python`. */
  readonly about: string;
  /** `NOTE`: the server works with limits, or may soon fail; `WRONG`: the server cannot start or train. */
  readonly state: 'OK' | 'NOTE' | 'WRONG';
  /** The finding. */
  readonly says: string;
  /** How to fix it; null when there is nothing to fix. */
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
