import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { collect, recordedLog, startRunner, statusesOf } from '../support/runner.ts';
import { until } from '../support/until.ts';

const JOB = { backend: 'SIMULATION', epochs: 600 } as const;
/** The folders that a runner watches. */
const FOLDERS = ['/jobs', '/exits', '/logs'];
const WHOLE_LIFE = ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED'];

type Listener = (event: fs.WatchEventType, name: string | null) => void;
type Watch = (folder: string, options: { persistent: boolean }, listener: Listener) => fs.FSWatcher;

function replaceWatch(make: (real: Watch) => Watch): () => void {
  const real = fs.watch;
  const restore = () => {
    fs.watch = real;
    syncBuiltinESMExports();
  };
  fs.watch = make(real) as typeof fs.watch;
  syncBuiltinESMExports();
  onTestFinished(restore);
  return restore;
}

test('without a free inotify watch the sweep sees every status, and watching starts when there is one', async () => {
  const restore = replaceWatch(() => () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  });
  const logger = recordedLog();
  const runner = await startRunner(temporaryHome(), { logger });
  const { id } = await runner.start(JOB);
  expect(statusesOf(await collect(runner.watch(id)))).toEqual(WHOLE_LIFE);
  // Once for each folder, not once a second.
  expect(logger.lines.filter(({ message }) => message.includes('cannot watch a folder'))).toHaveLength(FOLDERS.length);

  restore();
  const watched: string[] = [];
  replaceWatch((real) => (folder, ...rest) => {
    watched.push(folder);
    return real(folder, ...rest);
  });
  await until('the folders are watched', () => watched.length > 0);
  expect(watched.map((folder) => folder.slice(folder.lastIndexOf('/')))).toEqual(FOLDERS);
});

test('when inotify silently drops every event, the sweep finds the changes', async () => {
  replaceWatch((real) => (folder, options) => real(folder, options, () => undefined));
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(JOB);
  const events = await collect(runner.watch(id));
  expect(statusesOf(events)).toEqual(WHOLE_LIFE);
  expect(events.at(-1)?.progress).toMatchObject({ step: 600, percent: 100 });
  // Seen while it ran, not only at its end.
  expect(events.some(({ progress }) => progress.step > 0 && progress.step < 600)).toBe(true);
});
