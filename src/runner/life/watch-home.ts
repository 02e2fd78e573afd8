import type { Home } from '../home.ts';
import type { Logger } from '../logger.ts';
import { watchFolder } from '../reports/watch-folder.ts';

/** Interval of the sweep over all unfinished jobs, independent of file system events: watching is fast, the sweep is certain. */
const SWEEP_MS = 1000;

export interface WatchHomeSettings {
  readonly home: Home;
  readonly logger: Logger;
  /** The status or exit file of this job changed. */
  readonly filesChanged: (jobId: string) => void;
  /** The log of this job changed. */
  readonly logChanged: (jobId: string) => void;
  /** Called each second. */
  readonly sweep: () => void;
}

/** Watches the files of all jobs, and sweeps. */
export function watchHome({ home, logger, filesChanged, logChanged, sweep }: WatchHomeSettings): Disposable {
  const onFile = (name: string) => {
    if (name.endsWith('.json')) filesChanged(name.slice(0, -'.json'.length));
  };
  const onLog = (name: string) => logChanged(name.replace(/\.log(\.1)?$/, ''));
  const watches = [
    watchFolder(home.jobs, onFile, logger),
    watchFolder(home.exits, onFile, logger),
    watchFolder(home.logs, onLog, logger),
  ];
  // Not unref-ed: an open runner keeps its process alive, so that readers that await a feed see its end.
  const sweeping = setInterval(() => {
    for (const watch of watches) watch.reopen();
    sweep();
  }, SWEEP_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(sweeping);
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}
