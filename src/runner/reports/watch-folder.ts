import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../logger.ts';

/** Watches flat folders for files that are renamed into them. */
export interface FolderWatch extends Disposable {
  /** Reopens the watch if it failed, for example because no inotify watch was free. Called by the sweep. */
  reopen(): void;
}

/**
 * Calls `onFile` with the name of each file that appears or changes in `folder`. Events may be lost without notice (inotify drops
 * them past its queue's length): watching is fast, and a sweep has to make it certain.
 */
export function watchFolder(folder: string, onFile: (name: string) => void, logger: Logger): FolderWatch {
  let watcher: FSWatcher | undefined;
  let disposed = false;
  let warned = false;

  function open(): void {
    try {
      // persistent: false, so that the watch alone does not keep the process from ending.
      watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name !== null) onFile(name);
      });
      watcher.on('error', fail);
      warned = false;
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    watcher?.close();
    watcher = undefined;
    if (!warned)
      logger.warn({ err: error, folder }, 'cannot watch a folder; its changes are seen by the sweep, within a second');
    warned = true;
  }

  open();
  return {
    reopen() {
      if (!watcher && !disposed) open();
    },
    [Symbol.dispose]() {
      disposed = true;
      watcher?.close();
    },
  };
}
