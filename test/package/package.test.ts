import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { commandEnvironment } from '../cli/command-support.ts';
import { type RunningCommand, runCommand } from '../support/command.ts';
import { docBlocks } from '../support/doc-blocks.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';
import { endJobs } from '../support/server-process.ts';
import { type InstalledPackage, installPackedPackage } from './installed-package.ts';

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackedPackage();
});
afterAll(() => installed[Symbol.dispose]());

/** A Node on the PATH that is too old for the server; null without one, or when the package includes no Node for this platform. */
const OLD_NODE = existsSync(join(REPOSITORY_ROOT, 'node_modules', `node-${process.platform}-${process.arch}`))
  ? ((process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'node'))
      .filter((path) => !path.includes('node_modules') && existsSync(path))
      .find((path) => Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 24) ??
    null)
  : null;

/** Runs the installed `trainyard` with an empty folder as its home. */
function run(
  args: readonly string[],
  home: string,
  {
    node = process.execPath,
    url = null,
    environment = {},
  }: { node?: string; url?: string | null; environment?: NodeJS.ProcessEnv } = {},
): RunningCommand {
  const command = runCommand(node, [join(installed.folder, 'bin', 'trainyard.js'), ...args], {
    cwd: home,
    environment: commandEnvironment(url, {
      TRAINYARD_PYTHON: PYTHON,
      TRAINYARD_SIMULATION_STEP_SECONDS: '0.005',
      ...environment,
    }),
  });
  onTestFinished(async () => {
    command.kill('SIGTERM');
    await command.ended;
    await endJobs(home);
  });
  return command;
}

const isSource = (path: string | Buffer): boolean => !String(path).includes('__pycache__');

test('the tarball contains the files that the package needs, and no others', () => {
  expect(installed.files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'bin/trainyard.js',
      'dist/trainyard.js',
      'dist/client/index.d.ts',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/main.js',
      'python/constraints.txt',
      'python/pyproject.toml',
      'python/trainyard/data/sample.csv',
      'python/trainyard/supervisor/supervise.py',
      'schema.graphql',
    ]),
  );
  expect(
    installed.files.filter((file) =>
      /^(src|scripts|test|bench|examples)\/|(^|\/)(node_modules|__pycache__)\/|\.pyc$|demo/.test(file),
    ),
  ).toEqual([]);
});

test.for([
  { by: 'the Node of the tests', node: process.execPath },
  { by: 'an older Node, with the Node that the package includes', node: OLD_NODE },
])('started by $by: doctor finds no problem, serve starts a server, start trains', async ({ node }, { skip }) => {
  if (node === null) skip();
  const home = temporaryHome();
  const doctor = run(['doctor', '--port', '0', '--json'], home, { node: node ?? '' });
  expect(await doctor.ended, doctor.output()).toBe(0);
  expect(JSON.parse(doctor.output())).toMatchObject({ healthy: true });

  const server = run(['serve', '--port', '0'], home, { node: node ?? '' });
  const [, url = ''] = await server.says(/"url":"(http[^"]+)\/graphql"/);
  const training = run(['start', '--backend', 'simulation', '--epochs', '5', '--watch'], home, {
    node: node ?? '',
    url,
  });
  expect(await training.ended, training.output()).toBe(0);
  expect(training.output()).toMatch(/COMPLETED/);
  server.kill('SIGTERM');
  expect(await server.ended, server.output()).toBe(0);
});

test('setup creates the Python environment in the home, and does not change the package', async () => {
  const home = temporaryHome();
  const before = readdirSync(join(installed.folder, 'python'), { recursive: true }).filter(isSource);
  // Without a network PyTorch cannot be installed, which is a warning.
  const offline = { TRAINYARD_PYTHON: '', PIP_NO_INDEX: '1', PIP_FIND_LINKS: '', PIP_CONFIG_FILE: '/dev/null' };
  const setup = run(['setup'], home, { environment: offline });
  expect(await setup.ended, setup.output()).toBe(0);
  const python = join(home, '.trainyard', 'venv', 'bin', 'python');
  expect(setup.output()).toContain('PyTorch is not installed: trainings are simulations');
  expect(setup.output()).toMatch(/The complete output of pip is in .*setup\.log/);
  expect(setup.output()).toContain(python);
  expect(readdirSync(join(installed.folder, 'python'), { recursive: true }).filter(isSource)).toEqual(before);

  const doctor = run(['doctor', '--port', '0'], home, { environment: offline });
  expect(await doctor.ended, doctor.output()).toBe(0);
  expect(doctor.output()).toContain(python);
});

test('the library example of docs/cli.md runs, and its types are correct', async () => {
  const [program] = docBlocks('docs/cli.md').filter(({ language }) => language === 'ts');
  const file = join(installed.project, 'program.ts');
  writeFileSync(
    file,
    `import { createLiveClient } from 'trainyard/client';\n${program?.code ?? ''}\nvoid createLiveClient;\n`,
  );
  writeFileSync(join(installed.project, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(installed.project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2024',
        lib: ['es2024', 'esnext.disposable'],
        types: ['node'],
        strict: true,
        noEmit: true,
      },
      files: ['program.ts'],
    }),
  );
  const tsc = runCommand(process.execPath, [
    join(installed.project, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    installed.project,
  ]);
  await tsc.ended;
  // tsc also checks declarations of dependencies; only errors in our own files count.
  expect(
    tsc
      .output()
      .split('\n')
      .filter((line) => /program\.ts|node_modules\/trainyard/.test(line)),
  ).toEqual([]);

  const library = runCommand(process.execPath, [file], {
    cwd: installed.project,
    environment: commandEnvironment(null, { TRAINYARD_SIMULATION_STEP_SECONDS: '0.005' }),
  });
  expect(await library.ended, library.output()).toBe(0);
  expect(library.output()).toMatch(/^http\S+ RUNNING\n[\s\S]*^http\S+ COMPLETED\n$/m);
});
