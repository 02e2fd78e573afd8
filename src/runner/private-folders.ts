import { chmodSync, statSync } from 'node:fs';
import type { Home } from './home.ts';
import type { Logger } from './logger.ts';

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077;

/**
 * Closes the folders of a home that an earlier version made, which other users of the machine could enter: the record contains inputs
 * and logs. It happens once. Whoever opens `models/` or `datasets/` to a group later keeps them open; only the record stays closed.
 * The home folder itself may be a project that others work in, and is left as it is.
 */
export function closeFolders({ artifacts, models, datasets }: Home, logger: Logger): void {
  if (!isOpen(artifacts)) return;
  for (const folder of [artifacts, models, datasets]) {
    if (!isOpen(folder)) continue;
    try {
      chmodSync(folder, 0o700);
      logger.info(
        { folder },
        'other users of this machine could enter this folder; now only the user of the server can',
      );
    } catch (error) {
      // The folder of another user, for example a volume.
      logger.warn({ err: error, folder }, 'other users of this machine can enter this folder. Set its mode to 700');
    }
  }
}

function isOpen(folder: string): boolean {
  return ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0;
}
