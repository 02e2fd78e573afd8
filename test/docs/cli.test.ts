import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { commandEnvironment } from '../cli/command-support.ts';
import { runCommand } from '../support/command.ts';
import { docBlocks } from '../support/doc-blocks.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';

const BLOCKS = docBlocks('docs/cli.md').filter(({ language }) => language === 'sh');
/** Needs a job that does not end on its own. */
const ENDLESS = 'trainyard start --epochs 1000000 --backend simulation';

/** The script of the page. */
const SCRIPT = `import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--amp", action="store_true")
print("loss", parser.parse_args().lr)
`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  writeFileSync(join(server.home, 'trainers/train.py'), SCRIPT);
});
afterAll(() => server[Symbol.asyncDispose]());

test('the page has an example for each command', () => {
  expect(BLOCKS.map(({ heading }) => heading)).toEqual([
    'start',
    'run',
    'trainers',
    'watch',
    'jobs',
    'jobs',
    'evaluation',
    'compare',
    'logs',
    'metrics',
    'metrics',
    'files',
    'stop, resume, delete',
    'Scripts',
  ]);
});

// In the order of the page: what is started first is what is watched, listed and plotted next.
test.for(BLOCKS)('$heading works as it is printed: $code', async ({ heading, code }) => {
  const command = `trainyard() { "${process.execPath}" "${join(REPOSITORY_ROOT, 'src/trainyard.ts')}" "$@"; }`;
  const before = heading.startsWith('stop') ? ENDLESS : ':';
  const running = runCommand('bash', ['-euc', `${command}\n${before}\n${code}`], {
    cwd: server.home,
    environment: commandEnvironment(server.url),
  });
  expect(await running.ended, running.output()).toBe(0);
});
