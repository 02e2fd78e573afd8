import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NoPythonError } from '../../src/cli/environment/find-interpreter.ts';
import { type PythonPaths, pythonPaths, REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { setUp } from '../../src/cli/environment/set-up.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';

/**
 * The whole environment of a set-up. pip has no package index and no settings: the tests need no network, see what a set-up without one
 * does, and do not depend on the developer's variables (`PIP_*`, `PYTHON*`, `VIRTUAL_ENV`) and files.
 */
const OFFLINE: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  TMPDIR: tmpdir(),
  HOME: '/nonexistent',
  TRAINYARD_PYTHON: '',
  PIP_NO_INDEX: '1',
  PIP_FIND_LINKS: '',
  PIP_CONFIG_FILE: '/dev/null',
};

/** A checkout with the real Python package and nothing else. */
function checkout(): PythonPaths {
  const root = temporaryHome();
  for (const name of ['pyproject.toml', 'constraints.txt', 'README.md', 'trainyard']) {
    const source = join(REPOSITORY_ROOT, 'python', name);
    if (existsSync(source)) cpSync(source, join(root, 'python', name), { recursive: true });
  }
  return pythonPaths(root);
}

function record() {
  const messages: string[] = [];
  const warnings: string[] = [];
  const output = {
    info: (text: string) => messages.push(text),
    warn: (text: string) => warnings.push(text),
    activity: () => {},
  };
  return { messages, warnings, output };
}

/** An executable that the tests put first on the PATH. */
function putOnPath(name: string, script: string): NodeJS.ProcessEnv {
  const folder = temporaryHome();
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  return { ...OFFLINE, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
}

test('without a network it creates an environment for simulations, warns about missing packages, and does nothing the next time', async () => {
  const paths = checkout();
  const first = record();
  const made = await setUp({ paths, extras: ['torch'], output: first.output, environment: OFFLINE });
  expect(made).toMatchObject({ python: paths.interpreter, origin: 'VENV', torch: false });
  expect(first.warnings.join()).toMatch(/PyTorch is not installed.*simulations/s);
  expect(first.warnings.join()).toContain(paths.log);
  // The package is importable from any folder without installation.
  execFileSync(paths.interpreter, ['-m', 'trainyard', 'trainers'], { cwd: temporaryHome() });

  const second = record();
  await setUp({ paths, extras: [], output: second.output, environment: OFFLINE });
  expect(second).toMatchObject({ messages: [], warnings: [] });
});

test('it repairs the environment after a change of the pinned versions, and when its interpreter is missing', async () => {
  const paths = checkout();
  await setUp({ paths, extras: [], output: record().output, environment: OFFLINE });
  const stamp = readFileSync(paths.stamp, 'utf8');

  writeFileSync(paths.constraints, '# changed\n');
  await setUp({ paths, extras: [], output: record().output, environment: OFFLINE });
  expect(readFileSync(paths.stamp, 'utf8')).not.toBe(stamp);

  rmSync(paths.interpreter);
  const repair = record();
  await setUp({ paths, extras: [], output: repair.output, environment: OFFLINE });
  expect(repair.messages.join()).toMatch(/broken.*Recreating it/s);
  execFileSync(paths.interpreter, ['-c', 'import trainyard']);
});

test('concurrent set-ups create one environment', async () => {
  const paths = checkout();
  const [one, two] = [record(), record()];
  await Promise.all([one, two].map(({ output }) => setUp({ paths, extras: [], output, environment: OFFLINE })));
  const messages = [...one.messages, ...two.messages];
  expect(messages.filter((text) => text.startsWith('Creating'))).toHaveLength(1);
  expect(messages.filter((text) => text.includes('waiting'))).toHaveLength(1);
});

test('an interrupted set-up releases the lock, and the next one completes the environment', async () => {
  const paths = checkout();
  const controller = new AbortController();
  const reason = new Error('enough');
  const output = { ...record().output, info: () => controller.abort(reason) };
  await expect(setUp({ paths, extras: [], output, environment: OFFLINE, signal: controller.signal })).rejects.toBe(
    reason,
  );
  expect(existsSync(paths.stamp)).toBe(false);

  await setUp({ paths, extras: [], output: record().output, environment: OFFLINE });
  expect(existsSync(paths.stamp)).toBe(true);
});

test('without the "venv" module it explains how to install it, leaves no files, and uses that Python', async () => {
  const paths = checkout();
  const { messages, warnings, output } = record();
  const environment = putOnPath(
    'python3',
    `if [ "$2" = venv ]; then mkdir -p "$3/bin"; echo "The virtual environment was not created successfully because ensurepip is not available." >&2; exit 1; fi
exec ${PYTHON} "$@"`,
  );
  const python = await setUp({ paths, extras: [], output, environment });
  expect(python.origin).toBe('SYSTEM');
  expect(warnings.join()).toContain('apt-get install python3-venv');
  expect(messages.join()).toContain('Creating a Python environment');
  expect(existsSync(paths.venv)).toBe(false);
});

test('a Python that is too old is ignored, and the error names it when there is no other', async () => {
  const paths = checkout();
  const old = putOnPath('python3', 'echo 3 8 10; echo /usr/bin/python3');
  const alone = { ...old, PATH: old['PATH']?.split(':')[0] };
  const setting = setUp({ paths, extras: [], output: record().output, environment: alone });
  await expect(setting).rejects.toThrow(NoPythonError);
  await expect(setting).rejects.toThrow(/3\.10 or newer.*python3 is 3\.8\.10.*too old/);
});

test('TRAINYARD_PYTHON is used unchanged: it warns about missing packages and installs nothing', async () => {
  const paths = checkout();
  const own = join(temporaryHome(), 'own');
  execFileSync(PYTHON, ['-m', 'venv', '--without-pip', own]);
  const { warnings, output } = record();
  const named = { ...OFFLINE, TRAINYARD_PYTHON: join(own, 'bin', 'python') };
  const python = await setUp({ paths, extras: ['torch', 'test'], output, environment: named });
  expect(python).toMatchObject({
    python: join(own, 'bin', 'python'),
    origin: 'SETTING',
    torch: false,
    pytest: false,
    xdist: false,
  });
  expect(warnings.join('\n')).toMatch(/no PyTorch[\s\S]*no pytest/);
  expect(existsSync(paths.venv)).toBe(false);
});

test.each([
  { what: 'does not exist', name: '/nowhere/python' },
  { what: 'is no Python', name: '/bin/ls' },
])('a TRAINYARD_PYTHON that $what is rejected, and the error names it', async ({ name }) => {
  const setting = setUp({
    paths: checkout(),
    extras: [],
    output: record().output,
    environment: { ...OFFLINE, TRAINYARD_PYTHON: name },
  });
  await expect(setting).rejects.toThrow(NoPythonError);
  await expect(setting).rejects.toThrow(name);
});
