import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { trainyard } from './command-support.ts';

test('the help page of every command has examples', () => {
  const program = createProgram(
    () => () => Promise.resolve(),
    () => Promise.resolve(),
  );
  const commandsOf = (command: Command): Command[] => [command, ...command.commands.flatMap(commandsOf)];
  const pages = commandsOf(program).map((command) => {
    let page = '';
    command.configureOutput({ writeOut: (text) => (page += text) }).outputHelp();
    return [command.name(), page] as const;
  });
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.filter(([, page]) => !page.includes('Examples:')).map(([name]) => name)).toEqual([]);
});

test('an error names the help page of the command, and commands as the user calls them', async () => {
  const run = (...args: string[]) => trainyard('http://127.0.0.1:1', args, { environment: { npm_command: 'exec' } });
  const [flag, value, unreachable] = await Promise.all([
    run('start', '--column', 'price'),
    run('--url', 'http://127.0.0.1:1', 'queue', 'limit', 'night', 'many'),
    run('jobs'),
  ]);
  expect(flag.stderr).toBe("error: unknown option '--column'\nSee `npx trainyard start --help`.\n");
  expect(value.stderr).toContain('See `npx trainyard queue limit --help`.');
  expect(unreachable.stderr).toContain('Start one with `npx trainyard serve`');
});
