/** The uploads that may be in progress at the same time. */
export interface UploadSlots {
  /**
   * Takes a slot.
   * @returns the slot, to be disposed once, or why there is none: all are taken, or the free ones are for other users
   */
  take(user: string): Disposable | 'ALL_TAKEN' | 'FOR_OTHERS';
}

/**
 * Half of the slots are for users who have no upload in progress. So one user holds at most half of them, and even two that take all they
 * can leave slots for others.
 */
export function createUploadSlots(slots: number): UploadSlots {
  const byUser = new Map<string, number>();
  let taken = 0;

  return {
    take(user) {
      const ofUser = byUser.get(user) ?? 0;
      if (taken >= slots) return 'ALL_TAKEN';
      if (ofUser > 0 && taken >= slots / 2) return 'FOR_OTHERS';
      taken += 1;
      byUser.set(user, ofUser + 1);
      return {
        [Symbol.dispose]() {
          taken -= 1;
          const left = (byUser.get(user) ?? 0) - 1;
          if (left > 0) byUser.set(user, left);
          else byUser.delete(user);
        },
      };
    },
  };
}
