import { createHash, randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { DEFAULT_ROLE, isTokenName, parseExpiry, ROLES, type Token } from '../../settings/tokens.ts';
import { EXIT } from '../exit-code.ts';
import { readChoice, readDuration } from '../flags/values.ts';
import { alignColumns } from '../terminal/table.ts';
import { changeTokensFile, readTokensFile } from '../tokens-file/edit-tokens-file.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import type { CommandContext, CommonFlags } from './context.ts';

interface TokenFlags extends CommonFlags {
  readonly file?: string;
}

interface CreateFlags extends TokenFlags {
  readonly role?: string;
  readonly expires?: string;
}

/** `trainyard token` */
export const addToken: AddCommand = (program, run) => {
  const token = program
    .command('token')
    .description('create, list and revoke access tokens; no server is needed')
    .addHelpText(
      'after',
      [
        examples(
          ['trainyard token create ada', 'add a token and print it once'],
          ['trainyard token create board --role viewer --expires 90d', 'read only, for 90 days'],
          ['trainyard token list', 'list names, roles and expiry'],
          ['trainyard token revoke ada', 'remove a token'],
        ),
        '',
        'The commands change the tokens file, which a running server reads again automatically.',
      ].join('\n'),
    );
  withFile(token.command('create').description('add a token, and print it once').argument('<name>', 'name of the user'))
    .option('--role <role>', `${ROLES.join(', ')} (default: ${DEFAULT_ROLE})`)
    .option('--expires <time>', 'time of expiry, for example 2027-01-31, or 90d for 90 days from now')
    .addHelpText(
      'after',
      examples(
        ['trainyard token create ada --file tokens.txt', 'an operator'],
        ['trainyard token create board --role viewer --expires 90d --file tokens.txt', 'read only, for 90 days'],
      ),
    )
    .action(run(create));
  withFile(token.command('list').description('list the tokens'))
    .addHelpText('after', examples(['trainyard token list --file tokens.txt', 'names, roles and expiry']))
    .action(run(list));
  withFile(token.command('revoke').description('remove all tokens of a user').argument('<name>', 'name of the user'))
    .addHelpText('after', examples(['trainyard token revoke ada --file tokens.txt', 'ada can no longer sign in']))
    .action(run(revoke));
};

function withFile(command: Command): Command {
  return command.option('--file <file>', 'tokens file (default: TRAINYARD_TOKENS_FILE)');
}

const create: Action<CreateFlags, [name: string]> = ({ screen, environment }, flags, name) => {
  const path = tokensFileOf(flags, environment);
  if (!isTokenName(name)) {
    throw new UsageError(
      `A name has 1 to 64 visible characters, no space, and no # at its start. This is not one: ${JSON.stringify(name)}.`,
    );
  }
  const role = flags.role === undefined ? DEFAULT_ROLE : readChoice('--role', flags.role, ROLES);
  const expiresAt = flags.expires === undefined ? null : readExpiry(flags.expires);
  const secret = `trainyard_${randomBytes(32).toString('base64url')}`;
  const digest = createHash('sha256').update(secret).digest('hex');
  const expires = expiresAt === null ? '' : ` expires=${new Date(expiresAt).toISOString()}`;
  changeTokensFile(path, ({ text, tokens }) => {
    if (tokens.some((token) => token.name === name)) {
      throw new UsageError(`${path} already has a token ${name}. Revoke it first, or choose another name.`);
    }
    return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${name} ${digest} ${role}${expires}\n`;
  });
  if (flags.json === true) screen.print(JSON.stringify({ name, role, expiresAt: isoTime(expiresAt), token: secret }));
  else {
    screen.print(secret);
    console.error(`Added ${name} (${role}) to ${path}. Copy the token now: only its digest is stored.`);
  }
  return Promise.resolve(EXIT.SUCCESS);
};

const list: Action<TokenFlags> = ({ screen, environment }, flags) => {
  const { tokens } = readTokensFile(tokensFileOf(flags, environment));
  const rows = tokens.map(({ name, role, expiresAt }) => ({ name, role, expiresAt: isoTime(expiresAt) }));
  if (flags.json === true) screen.print(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) screen.print('There are no tokens. `trainyard token create NAME` adds one.');
  else {
    const header = ['NAME', 'ROLE', 'EXPIRES'].map((title) => screen.style('dim', title));
    const cells = tokens.map((token) => [token.name, token.role, expiryOf(token)]);
    for (const line of alignColumns([header, ...cells], ['LEFT', 'LEFT', 'LEFT'])) screen.print(line);
  }
  return Promise.resolve(EXIT.SUCCESS);
};

const revoke: Action<TokenFlags, [name: string]> = ({ screen, environment }, flags, name) => {
  const path = tokensFileOf(flags, environment);
  let removed = 0;
  let left = 0;
  changeTokensFile(path, ({ text, tokens }) => {
    removed = tokens.filter((token) => token.name === name).length;
    left = tokens.length - removed;
    if (removed === 0) throw new UsageError(`${path} has no token ${name}. \`trainyard token list\` lists them.`);
    const isOfUser = (line: string) => line.trim().split(/\s+/)[0] === name;
    return text
      .split(/(?<=\n)/)
      .filter((line) => !isOfUser(line))
      .join('');
  });
  if (flags.json === true) screen.print(JSON.stringify({ name, removed }));
  else {
    screen.print(`Revoked ${name}. A running server refuses the token within a second.`);
    if (left === 0) screen.print('No token is left: a running server refuses every request, and no server starts.');
  }
  return Promise.resolve(EXIT.SUCCESS);
};

function tokensFileOf({ file }: TokenFlags, environment: CommandContext['environment']): string {
  const path = file ?? (environment['TRAINYARD_TOKENS_FILE'] || undefined);
  if (path !== undefined) return path;
  throw new UsageError('Name the tokens file with --file or TRAINYARD_TOKENS_FILE.');
}

function readExpiry(text: string): number {
  const time = /^\d+(\.\d+)?[smhd]$/.test(text)
    ? Date.now() + readDuration('--expires', text) * 1000
    : parseExpiry(text);
  if (time === 'NO_SUCH_TIME') {
    throw new UsageError(`--expires takes a time that exists, and ${JSON.stringify(text)} is not in the calendar.`);
  }
  if (time === 'NOT_A_TIME' || time <= Date.now()) {
    throw new UsageError(
      `--expires takes a future time such as 2027-01-31, 2027-01-31T08:00:00Z, or 90d, not ${JSON.stringify(text)}.`,
    );
  }
  return time;
}

function expiryOf({ expiresAt }: Token): string {
  if (expiresAt === null) return 'never';
  return `${isoTime(expiresAt) ?? ''}${expiresAt <= Date.now() ? ' (expired)' : ''}`;
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
