import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty home folder, removed after the test. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'trainyard-'));
  // Retries: a supervisor that is just ending may still write into it.
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return home;
}
