import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createLocalLauncher } from '../../../../src/runner/launchers/local/create-local-launcher.ts';
import {
  createForkServer,
  type ForkServer,
} from '../../../../src/runner/launchers/local/fork-server/create-fork-server.ts';
import { recordedLog } from '../../../support/runner.ts';
import { until } from '../../../support/until.ts';
import { describeLauncher } from '../contract.ts';
import { prepareHome, processWorld, pythonUnderTest, type WorldParts } from '../process-world.ts';

function launcher(parts: WorldParts, forkServer: ForkServer | null) {
  return createLocalLauncher({ ...parts, forkServer, slots: 2, gpus: ['0', '1', '3'], logger: recordedLog() });
}

describeLauncher('local', () => Promise.resolve(processWorld((parts) => launcher(parts, null))));

describe.skipIf(process.platform !== 'linux')('with a fork server', () => {
  // One for all tests: its imports take seconds.
  const root = mkdtempSync(join(tmpdir(), 'trainyard-'));
  const home = prepareHome(root);
  let forkServer: ForkServer;

  beforeAll(async () => {
    forkServer = createForkServer({ home, python: pythonUnderTest(), logger: recordedLog() });
    await until('the fork server is ready', () => forkServer.isReady);
  });
  afterAll(async () => {
    expect(forkServer.isReady, 'the fork server did not live to the end').toBe(true);
    await forkServer[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });

  describeLauncher('local', () => Promise.resolve(processWorld((parts) => launcher(parts, forkServer), home)));
});
