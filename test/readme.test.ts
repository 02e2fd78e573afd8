import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../src/cli/environment/paths.ts';
import { type RunningCommand, runCommand } from './support/command.ts';
import { temporaryHome } from './support/home.ts';
import { startTestServer, type TestServer } from './support/server-process.ts';

const README = readFileSync(join(REPOSITORY_ROOT, 'README.md'), 'utf8');
const PRINTED_ADDRESS = '127.0.0.1:4000';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The code blocks of the README in `language`, word for word but for the port of the server. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) =>
    code.replaceAll(PRINTED_ADDRESS, server.url.replace('http://', '')),
  );
}

function runInShell(script: string, environment: NodeJS.ProcessEnv = {}): RunningCommand {
  return runCommand('bash', ['-euc', script], { environment: { ...process.env, ...environment } });
}

test('start, watch over SSE, watch over WebSocket and stop work as they are printed', async () => {
  const [start = '', watch = '', stop = '', ...others] = blocks('sh');
  // Which the next test runs.
  expect(others).toHaveLength(1);

  const starting = runInShell(`${start}\necho "id=$JOB"`);
  expect(await starting.ended, starting.output()).toBe(0);
  const [, JOB = ''] = await starting.says(/^id=(job_\d+_[0-9a-f]{8})$/m);

  const watching = runInShell(watch, { JOB });
  const [script = ''] = blocks('js');
  // Beside package.json, where `import 'graphql-ws'` finds it, as for somebody who tries it out in the repository.
  const file = join(REPOSITORY_ROOT, `.readme-${process.pid}.mjs`);
  writeFileSync(file, script);
  const overWebSocket = runCommand(process.execPath, [file, JOB]);
  try {
    await Promise.all([watching.says(/"status":"RUNNING"/), overWebSocket.says(/status: 'RUNNING'/)]);
    const stopping = runInShell(stop, { JOB });
    expect(await stopping.ended, stopping.output()).toBe(0);
    expect(stopping.output()).toMatch(/"status":"(STOPPING|STOPPED)"/);

    // Both feeds end by themselves.
    expect(await watching.ended, watching.output()).toBe(0);
    expect(await overWebSocket.ended, overWebSocket.output()).toBe(0);
    expect(watching.output()).toMatch(/"status":"STOPPED"[\s\S]*event: complete/);
    expect(overWebSocket.output()).toMatch(/status: 'STOPPED'/);
  } finally {
    rmSync(file);
  }
});

test("a table of one's own is uploaded, previewed and fetched again as it is printed", async () => {
  const folder = temporaryHome();
  const table = 'size,price\n1,10\n2,20\n,30\n4,40\n';
  writeFileSync(join(folder, 'mine.csv'), table);
  const running = runInShell(`cd "$FOLDER"\n${blocks('sh')[3] ?? 'false'}`, { FOLDER: folder });
  expect(await running.ended, running.output()).toBe(0);
  expect(running.output()).toContain(`{"name":"mine.csv","bytes":${table.length}}`);
  expect(running.output()).toContain('{"name":"size","kind":"NUMBER","gaps":1,"note":null}');
  expect(readFileSync(join(folder, 'copy.csv'), 'utf8')).toBe(table);
});

test('every npm script that is printed exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY_ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const printed = new Set([...README.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name ?? ''));
  expect([...printed].filter((name) => !(name in scripts))).toEqual([]);
});

test('every dependency has its reason, and every setting its line', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(REPOSITORY_ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  // Type declarations and presets go with the package that they are for.
  const own = Object.keys(devDependencies).filter((name) => !/^(@types\/|@eslint\/|typescript-eslint$)/.test(name));
  const isNamed = (name: string) => README.includes(`\`${name}\``);
  expect([...Object.keys(dependencies), ...own].filter((name) => !isNamed(name))).toEqual([]);

  const settings = spawnSync(process.execPath, [join(REPOSITORY_ROOT, 'src', 'main.ts')], {
    env: { ...process.env, TRAINYARD_ZZZZZZZZ: '1' },
    encoding: 'utf8',
  });
  const names = settings.stderr.match(/TRAINYARD_[A-Z_]+/g)?.filter((name) => name !== 'TRAINYARD_ZZZZZZZZ') ?? [];
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !isNamed(name))).toEqual([]);
});
