import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { commandEnvironment } from '../cli/command-support.ts';
import { send } from '../support/api-client.ts';
import { runCommand } from '../support/command.ts';
import { docBlocks } from '../support/doc-blocks.ts';
import { PYTHON } from '../support/runner.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';

const PAGE = 'docs/trainers.md';
/** The script that the page starts with: an ordinary one, with argparse and print. */
const SCRIPT = `import argparse

parser = argparse.ArgumentParser(description="Trains a small model.")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--hidden", type=int, default=16, help="units of the hidden layer")
parser.add_argument("--amp", action="store_true")
args = parser.parse_args()

for epoch in range(1, args.epochs + 1):
    print(f"epoch {epoch}/{args.epochs} loss {args.lr / epoch:.4f}", flush=True)
`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  writeFileSync(join(server.home, 'train.py'), SCRIPT);
});
afterAll(() => server[Symbol.asyncDispose]());

function blocks(language: string): { readonly heading: string; readonly code: string }[] {
  return docBlocks(PAGE).filter((block) => block.language === language);
}

// In the order of the page: the first one copies the script to the folder.
test.for(blocks('sh'))('the commands under "$heading" work as printed', async ({ code }) => {
  const trainyard = `trainyard() { "${process.execPath}" "${join(REPOSITORY_ROOT, 'src/trainyard.ts')}" "$@"; }`;
  const running = runCommand('bash', ['-euc', `${trainyard}\n${code}`], {
    cwd: server.home,
    environment: commandEnvironment(server.url, {
      PATH: [dirname(PYTHON), process.env['PATH']].join(delimiter),
      PYTHONPATH: join(REPOSITORY_ROOT, 'python'),
    }),
  });
  expect(await running.ended, running.output()).toBe(0);
  expect(running.output()).toContain('0.0333');
});

test('the start request of the page starts the script', async () => {
  mkdirSync(join(server.home, 'trainers'), { recursive: true });
  writeFileSync(join(server.home, 'trainers/train.py'), SCRIPT);
  const [mutation] = blocks('graphql');
  const { data } = await send(server.url, mutation?.code ?? '');
  expect(data).toEqual({ startTraining: { job: { id: expect.stringMatching(/^job_/) as string } } });
});

test('the metadata of the page are understood', async () => {
  const [metadata] = blocks('python');
  writeFileSync(join(server.home, 'trainers/classifier.py'), `${metadata?.code ?? ''}\nprint("hello")\n`);
  const { data } = await send(server.url, '{ trainers { name title settings options } }');
  const { trainers } = data as { trainers: { name: string; title: string; settings: string[]; options: object }[] };
  expect(trainers.find(({ name }) => name === 'classifier')).toMatchObject({
    title: 'Image classifier',
    settings: expect.arrayContaining(['DATASET', 'LEARNING_RATE']) as string[],
    options: {
      properties: {
        optimizer: { enum: ['sgd', 'adam'], default: 'sgd' },
        dropout: { type: 'number', minimum: 0, maximum: 1 },
      },
    },
  });
});
