import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainerOf } from '../../src/cli/commands/run.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { readJob } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';
import { trainyard } from './command-support.ts';

const ECHO = `import argparse, sys
parser = argparse.ArgumentParser(description="Prints its arguments.")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--json", action="store_true", help="a flag that trainyard has as well")
parser.add_argument("--width", type=int, choices=[16, 32], default=16, help="width of the layer")
parser.parse_args()
print("arguments:", *sys.argv[1:])
`;

let server: TestServer;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  server = await startTestServer();
  writeFileSync(join(server.home, 'trainers', 'echo.py'), ECHO);
  environment = { TRAINYARD_HOME: server.home };
});
afterAll(() => server[Symbol.asyncDispose]());

describe('run', () => {
  test('it passes the arguments on unchanged, also those that trainyard knows, and prints the log', async () => {
    const script = join(server.home, 'trainers/echo.py');
    const args = ['run', '--name', 'first', script, '--lr', '0.5', '--json', '--width', '32'];
    const { code, stdout, stderr } = await trainyard(server.url, args, { environment });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('--lr 0.5 --json --width 32');
    expect(stdout).toContain('COMPLETED');
  });

  test('its own flags come before the script, and --detach starts the job only', async () => {
    const { code, stdout, stderr } = await trainyard(server.url, ['run', '--json', '-d', 'echo', '--lr', '2']);
    expect(code, stderr).toBe(0);
    const { id } = JSON.parse(stdout) as { id: string };
    expect((await readJob(server.url, id)).status).toMatch(/^[A-Z]+$/);
  });

  test('a script outside the trainers folder is refused with what to do', async () => {
    const folder = temporaryHome();
    writeFileSync(join(folder, 'echo.py'), 'print("another one")\n');
    const { code, stderr } = await trainyard(server.url, ['run', join(folder, 'echo.py')], { environment });
    expect(code).toBe(2);
    expect(stderr).toContain('is not directly in the trainers folder');
    expect(stderr).toContain('TRAINYARD_TRAINERS');
  });

  test('a script with the name of a shipped trainer does not start that trainer', async () => {
    const script = join(server.home, 'trainers/tabular.py');
    writeFileSync(script, 'print("mine")\n');
    const { code, stdout, stderr } = await trainyard(server.url, ['run', script], { environment });
    rmSync(script);
    expect(code, stdout).toBe(2);
    expect(stderr).toContain(`tabular is the name of a trainer of Trainyard: rename ${script}.`);
  });

  test('a name means a trainer, and a path must exist', () => {
    expect(trainerOf('train', {})).toBe('train');
    expect(() => trainerOf('missing/train.py', {})).toThrow(UsageError);
    const folder = temporaryHome();
    mkdirSync(join(folder, 'pack'));
    expect(trainerOf(join(folder, 'pack'), { TRAINYARD_TRAINERS: folder })).toBe('pack');
    writeFileSync(join(folder, 'pack', '__main__.py'), '');
    writeFileSync(join(folder, 'pack', 'model.py'), '');
    expect(trainerOf(join(folder, 'pack', '__main__.py'), { TRAINYARD_TRAINERS: folder })).toBe('pack');
    expect(() => trainerOf(join(folder, 'pack', 'model.py'), { TRAINYARD_TRAINERS: folder })).toThrow(UsageError);
  });
});

describe('trainers', () => {
  test('it lists shipped trainers and scripts', async () => {
    const { code, stdout } = await trainyard(server.url, ['trainers']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tabular +shipped/m);
    expect(stdout).toMatch(/^echo +folder +Prints its arguments\./m);
  });

  test('it prints the settings and options of one', async () => {
    const { stdout } = await trainyard(server.url, ['trainers', 'echo']);
    expect(stdout).toContain('--learning-rate');
    expect(stdout).toMatch(/width +width of the layer \(one of 16, 32; default 16\)/);
    const { code, stderr } = await trainyard(server.url, ['trainers', 'none']);
    expect(code).toBe(2);
    expect(stderr).toContain('No trainer is named none. There are: tabular, language-model, echo.');
  });
});
