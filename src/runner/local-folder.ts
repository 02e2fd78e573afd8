import { statfsSync } from 'node:fs';

/** File systems of Linux that are on this machine (`include/uapi/linux/magic.h`): ext, XFS, Btrfs, tmpfs, overlayfs, F2FS, ZFS. */
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1]);

/**
 * Whether the files of a folder are certainly on a disk of this machine. There, a file that was written just now is in memory, and reading
 * it takes some microseconds. Over a network, a read can take seconds.
 */
export function isLocalFolder(path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return LOCAL.has(statfsSync(path).type >>> 0);
  } catch {
    return false;
  }
}
