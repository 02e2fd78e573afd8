import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

/** Resources that keep a process alive if a test does not close them: children, listening sockets, watched folders. */
const LEFTOVERS = ['ProcessWrap', 'TCPServerWrap', 'FSEvent'];
const PATIENCE_MS = 5000;

function open(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => LEFTOVERS.some((name) => resource.startsWith(name)));
}

const before = open();

// Registered before any hook of the test file, so it runs after all of them.
afterAll(async () => {
  // A resource that was closed in the last hook disappears after a few rounds of the event loop.
  for (let waited = 0; open().length > before.length && waited < PATIENCE_MS; waited += 20) await delay(20);
  expect(open(), 'A test file must close what it opens').toEqual(before);
});
