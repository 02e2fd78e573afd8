import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Imports that `npm run boundaries` must refuse: the file, its import, the rule. */
const FORBIDDEN = [
  ['src/runner/job/planted.ts', '../store/target.ts', 'job-rules-are-pure'],
  ['src/runner/job/planted.ts', 'node:fs', 'job-rules-are-pure'],
  ['src/runner/store/planted.ts', '../life/target.ts', 'folder-store'],
  ['src/runner/feeds/planted.ts', '../reports/target.ts', 'folder-feeds'],
  ['src/runner/life/planted.ts', '../create-runner.ts', 'only-the-composition-composes'],
  ['src/runner/life/planted.ts', '../launchers/local/target.ts', 'one-launcher-does-not-know-another'],
  ['src/runner/life/planted.ts', 'node:child_process', 'processes-by-launchers-only'],
  ['src/runner/home.ts', './store/target.ts', 'base-files-import-job-only'],
  ['src/runner/store/planted.ts', '../../resolvers/target.ts', 'runner-knows-no-graphql'],
  ['src/runner/store/planted.ts', 'graphql', 'no-graphql-in-the-runner'],
  ['src/resolvers/planted.ts', '../schema/target.ts', 'resolvers-import-the-runner-only'],
  ['src/resolvers/planted.ts', '../runner/job/target.ts', 'runner-from-outside-by-its-index'],
  ['src/schema/planted.ts', '../server/target.ts', 'schema-does-not-import-the-server'],
  ['src/settings/planted.ts', '../server/target.ts', 'settings-import-the-runner-only'],
  ['src/cli/planted.ts', '../server/target.ts', 'clients-use-the-api-only'],
  ['src/monitor/planted.ts', '../cli/target.ts', 'clients-use-the-api-only'],
  ['src/client/planted.ts', '../cli/target.ts', 'client-library-stands-alone'],
  ['src/schema/planted.ts', 'graphql-yoga', 'graphql-servers-in-src-server-only'],
  ['src/cli/planted.ts', 'ws', 'graphql-servers-in-src-server-only'],
  ['src/resolvers/planted.ts', 'graphql-ws', 'graphql-ws-in-server-and-clients-only'],
  ['src/server/planted.ts', '../../test/target.ts', 'sources-do-not-import-development-code'],
  ['src/server/planted.ts', './missing.ts', 'imports-resolve'],
  ['src/server/one.ts', './other.ts', 'no-cycles'],
] as const;

/** Makes the cycle of `src/server/one.ts`, which the tool reports once. */
const WAY_BACK = ['src/server/other.ts', './one.ts'] as const;

const ALLOWED = [
  ['src/runner/life/planted.ts', '../store/target.ts'],
  ['src/runner/store/planted.ts', '../job/target.ts'],
  ['src/runner/store/planted.ts', '../home.ts'],
  ['src/runner/launchers/local/planted.ts', 'node:child_process'],
  ['src/schema/planted.ts', '../resolvers/target.ts'],
  ['src/cli/planted.ts', '../client/target.ts'],
  ['src/cli/planted.ts', 'graphql-ws'],
  ['src/server/planted.ts', 'graphql-yoga'],
] as const;

describe('npm run boundaries', () => {
  let violations: { from: string; to: string; rule: { name: string } }[];

  beforeAll(async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'trainyard-'));
    const sources = new Map<string, string>();
    for (const [file, imported] of [...FORBIDDEN, WAY_BACK, ...ALLOWED]) {
      // An import of a type: these count too.
      sources.set(file, `${sources.get(file) ?? ''}export type * from '${imported}';\n`);
      const target = join(dirname(file), imported);
      if (imported.startsWith('.') && !imported.includes('missing'))
        sources.set(target, sources.get(target) ?? 'export {};\n');
    }
    plant(folder.path, sources, ['.dependency-cruiser.js']);
    const { stdout } = await runTool(folder.path, 'depcruise', ['src', '--output-type', 'json']);
    ({ violations } = (JSON.parse(stdout) as { summary: { violations: typeof violations } }).summary);
  });

  it.each(FORBIDDEN)('refuses in %s an import of %s (%s)', (file, imported, rule) => {
    const target = imported.startsWith('.') ? join(dirname(file), imported) : imported.replace('node:', '');
    const isPlanted = ({ from, to }: { from: string; to: string }) =>
      from === file && (to === target || to === imported || to.includes(`/${target}/`));
    expect(violations.filter(isPlanted).map((violation) => violation.rule.name)).toContain(rule);
  });

  it.each(ALLOWED)('allows in %s an import of %s', (file, imported) => {
    const target = join(dirname(file), imported);
    expect(violations.filter(({ from, to }) => from === file && (to === target || to === imported))).toEqual([]);
  });
});

describe('npm run unused', () => {
  it('finds an unused file, an unused export and an unused dependency', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'trainyard-'));
    plant(
      folder.path,
      new Map([
        ['src/trainyard.ts', "import { used } from './used.ts';\nused();\n"],
        ['src/used.ts', 'export function used(): void {}\nexport function neverUsed(): void {}\n'],
        ['src/forgotten.ts', 'export const forgotten = 1;\n'],
      ]),
      ['knip.jsonc'],
    );
    const { code, stdout } = await runTool(folder.path, 'knip', []);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Unused files[^]*src\/forgotten\.ts/);
    expect(stdout).toMatch(/Unused exports[^]*neverUsed/);
    expect(stdout).toMatch(/Unused dependencies[^]*kysely/);
  });
});

describe('npm run lint', () => {
  // Without the rules that need types, which take long to load.
  const lint = new ESLint({ cwd: ROOT, overrideConfig: [ts.configs.disableTypeChecked] });
  const rulesBrokenBy = async (file: string, code: string) =>
    (await lint.lintText(code, { filePath: join(ROOT, file) })).flatMap(({ messages }) =>
      messages.map(({ ruleId }) => ruleId),
    );

  it.each([
    ['src/runner/home.ts', "process.kill(1, 'SIGTERM');", 'no-restricted-properties'],
    ['src/runner/home.ts', "export const path = '/proc/1/stat';", 'no-restricted-syntax'],
    ['src/runner/home.ts', 'export const pathOf = (pid: number) => `/proc/${pid}/stat`;', 'no-restricted-syntax'],
    ['src/runner/job/retry.ts', 'export const now = Date.now();', 'no-restricted-properties'],
    ['src/runner/job/retry.ts', 'setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  ])('refuses in %s: %s', async (file, code, rule) => {
    expect(await rulesBrokenBy(file, code)).toContain(rule);
  });

  it('lets the local launcher send signals and read /proc', async () => {
    const code = "process.kill(1, 'SIGTERM');\nexport const path = '/proc/1/stat';\n";
    expect(await rulesBrokenBy('src/runner/launchers/local/signal.ts', code)).toEqual([]);
  });
});

/** Writes a small project with the repository's own settings for the tools. */
function plant(folder: string, sources: ReadonlyMap<string, string>, settings: readonly string[]): void {
  for (const [path, text] of sources) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const file of ['package.json', 'tsconfig.json', ...settings]) cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/** Runs a program of node_modules in `folder`. */
function runTool(folder: string, tool: string, args: readonly string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      join(ROOT, 'node_modules/.bin', tool),
      args,
      { cwd: folder, maxBuffer: 64 * 2 ** 20 },
      (_error, stdout) => resolve({ code: child.exitCode ?? -1, stdout }),
    );
  });
}
