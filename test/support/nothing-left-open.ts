import { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

/** Resources that keep a process alive if a test does not close them: children, listening sockets, watched folders. */
const LEFTOVERS = ['ProcessWrap', 'TCPServerWrap', 'FSEvent'];
/** Far above the time that a killed process needs to end on a busy machine. */
const PATIENCE_MS = 30_000;

function open(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => LEFTOVERS.some((name) => resource.startsWith(name)));
}

const before = open();

// Registered before any hook of the test file, so it runs after all of them.
afterAll(async () => {
  // A resource that was closed in the last hook disappears after a few rounds of the event loop.
  for (let waited = 0; open().length > before.length && waited < PATIENCE_MS; waited += 20) await delay(20);
  const left = open();
  killChildren();
  expect(left, 'A test file must close what it opens').toEqual(before);
});

/** Kills the programs that a failed test has left. The pipe to the standard input of a server ends that server together with its jobs. */
function killChildren(): void {
  const { _getActiveHandles: activeHandles } = process as unknown as { _getActiveHandles(): unknown[] };
  for (const child of activeHandles()) {
    if (!(child instanceof ChildProcess)) continue;
    if (child.stdin) child.stdin.destroy();
    else child.kill('SIGKILL');
  }
}
