import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../src/cli/environment/paths.ts';
import { type RunningCommand, runCommand } from './support/command.ts';
import { docBlocks, documentPages } from './support/doc-blocks.ts';
import { temporaryHome } from './support/home.ts';
import { startTestServer, type TestServer } from './support/server-process.ts';

const readPage = (page: string): string => readFileSync(join(REPOSITORY_ROOT, page), 'utf8');
const PAGES = documentPages();
const PRINTED_ADDRESS = '127.0.0.1:4000';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The code blocks of `page` in `language`, unchanged except for the address of the server. */
function blocks(page: string, language: string): string[] {
  return docBlocks(page)
    .filter((block) => block.language === language)
    .map(({ code }) => code.replaceAll(PRINTED_ADDRESS, server.url.replace('http://', '')));
}

function runInShell(script: string, environment: NodeJS.ProcessEnv = {}): RunningCommand {
  return runCommand('bash', ['-euc', script], { environment: { ...process.env, ...environment } });
}

test('the printed commands start a job, watch it over SSE and WebSocket, and stop it', async () => {
  const [start = '', watch = '', stop = '', ...others] = blocks('README.md', 'sh');
  expect(others).toEqual([]);

  const starting = runInShell(`${start}\necho "id=$JOB"`);
  expect(await starting.ended, starting.output()).toBe(0);
  const [, JOB = ''] = await starting.says(/^id=(job_\d+_[0-9a-f]{8})$/m);

  const watching = runInShell(watch, { JOB });
  const [script = ''] = blocks('docs/live.md', 'js');
  // Next to package.json, so that `import 'graphql-ws'` resolves as it does for a user in the repository.
  const file = join(REPOSITORY_ROOT, `.readme-${process.pid}.mjs`);
  writeFileSync(file, script);
  const overWebSocket = runCommand(process.execPath, [file, JOB]);
  try {
    await Promise.all([watching.says(/"status":"RUNNING"/), overWebSocket.says(/status: 'RUNNING'/)]);
    const stopping = runInShell(stop, { JOB });
    expect(await stopping.ended, stopping.output()).toBe(0);
    expect(stopping.output()).toMatch(/"status":"(STOPPING|STOPPED)"/);

    // Both feeds end on their own.
    expect(await watching.ended, watching.output()).toBe(0);
    expect(await overWebSocket.ended, overWebSocket.output()).toBe(0);
    expect(watching.output()).toMatch(/"status":"STOPPED"[\s\S]*event: complete/);
    expect(overWebSocket.output()).toMatch(/status: 'STOPPED'/);
  } finally {
    rmSync(file);
  }
});

test('a table is uploaded, previewed and downloaded by the printed commands', async () => {
  const folder = temporaryHome();
  const table = 'size,price\n1,10\n2,20\n,30\n4,40\n';
  writeFileSync(join(folder, 'mine.csv'), table);
  const running = runInShell(`cd "$FOLDER"\n${blocks('docs/datasets.md', 'sh')[0] ?? 'false'}`, { FOLDER: folder });
  expect(await running.ended, running.output()).toBe(0);
  expect(running.output()).toContain(`{"name":"mine.csv","bytes":${table.length}}`);
  expect(running.output()).toContain('{"name":"size","kind":"NUMBER","gaps":1,"note":null}');
  expect(readFileSync(join(folder, 'copy.csv'), 'utf8')).toBe(table);
});

test('every npm script in the documents exists', () => {
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
  const printed = PAGES.flatMap((page) => [...readPage(page).matchAll(/npm run (?:-s )?([\w:]+)/g)]);
  expect(printed.length).toBeGreaterThan(5);
  expect(printed.filter(([, name = '']) => !(name in scripts))).toEqual([]);
});

test('docs/dependencies.md names every dependency, and docs/settings.md every setting', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readPage('package.json')) as Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies',
    Record<string, string>
  >;
  // Type declarations and presets go with the package that they are for.
  const own = Object.keys(devDependencies).filter((name) => !/^(@types\/|@eslint\/|typescript-eslint$)/.test(name));
  const missingFrom = (page: string, names: string[]) => {
    const text = readPage(page);
    return names.filter((name) => !text.includes(`\`${name}\``));
  };
  const packages = [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...own];
  expect(missingFrom('docs/dependencies.md', packages)).toEqual([]);

  const settings = spawnSync(process.execPath, [join(REPOSITORY_ROOT, 'src', 'main.ts')], {
    env: { ...process.env, TRAINYARD_ZZZZZZZZ: '1' },
    encoding: 'utf8',
  });
  const names = settings.stderr.match(/TRAINYARD_[A-Z_]+/g)?.filter((name) => name !== 'TRAINYARD_ZZZZZZZZ') ?? [];
  expect(names.length).toBeGreaterThan(5);
  expect(missingFrom('docs/settings.md', names)).toEqual([]);
});
