import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseTokens } from '../../src/settings/tokens.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { tokenLine } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { trainyard } from './command-support.ts';

const tokensFile = () => join(temporaryHome(), 'tokens');
const token = (file: string, ...args: string[]) => trainyard(null, ['token', ...args, '--file', file]);

test('create prints the token once and stores its digest in a private file', async () => {
  const file = tokensFile();
  const { code, stdout, stderr } = await token(file, 'create', 'ada', '--role', 'viewer', '--expires', '2099-01-31');
  expect(code).toBe(0);
  const secret = stdout.trim();
  expect(secret).toMatch(/^trainyard_[\w-]{43}$/);
  expect(stderr).toContain('Added ada (viewer)');
  expect(readFileSync(file, 'utf8')).toBe(tokenLine('ada', secret, 'viewer', 'expires=2099-01-31T00:00:00.000Z'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('create appends: comments, other lines and a missing last newline stay as they are', async () => {
  const file = tokensFile();
  const before = `# people\n\n${tokenLine('ada', '1').trimEnd()}`;
  writeFileSync(file, before);
  chmodSync(file, 0o644);
  const { stdout } = await token(file, 'create', 'bob', '--json');
  const { token: secret, ...rest } = JSON.parse(stdout) as { token: string };
  expect(rest).toEqual({ name: 'bob', role: 'operator', expiresAt: null });
  expect(readFileSync(file, 'utf8')).toBe(`${before}\n${tokenLine('bob', secret, 'operator')}`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  [['create', 'ada'], 'already has a token ada'],
  [['create', 'a b'], 'A name has 1 to 64 visible characters'],
  [['create', '#ada'], 'A name has'],
  [['create', 'bob', '--role', 'owner'], '--role takes viewer, operator, admin'],
  [['create', 'bob', '--expires', '2020-01-01'], '--expires takes a future time'],
  [['create', 'bob', '--expires', '2099-02-31'], '--expires takes a time that exists'],
  [['create', 'bob', '--expires', 'soon'], '--expires takes a future time'],
  [['revoke', 'bob'], 'has no token bob'],
])('token %j is refused and changes nothing', async (args, message) => {
  const file = tokensFile();
  const before = tokenLine('ada', '1');
  writeFileSync(file, before);
  const { code, stdout, stderr } = await token(file, ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('a file with an error is not changed, and a command at the same time is refused', async () => {
  const file = tokensFile();
  writeFileSync(file, 'my-plain-secret\n');
  const broken = await token(file, 'create', 'ada');
  expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('Correct it first') as string });
  expect(broken.stderr).not.toContain('my-plain-secret');
  writeFileSync(file, tokenLine('ada', '1'));
  writeFileSync(`${file}.new`, '');
  expect(await token(file, 'revoke', 'ada')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Another command is changing the tokens file') as string,
  });
  expect(existsSync(`${file}.new`)).toBe(true);
});

test('without a file, the command says how to name one', async () => {
  const { code, stderr } = await trainyard(null, ['token', 'list']);
  expect(code).toBe(2);
  expect(stderr).toContain('--file or TRAINYARD_TOKENS_FILE');
});

test('list shows names, roles and expiry, and no digest', async () => {
  const file = tokensFile();
  writeFileSync(file, tokenLine('ada', '1', 'admin') + tokenLine('bob', '2', 'expires=2020-01-01'));
  const { stdout } = await trainyard(null, ['token', 'list'], { environment: { TRAINYARD_TOKENS_FILE: file } });
  expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['NAME', 'ROLE', 'EXPIRES'],
    ['ada', 'admin', 'never'],
    ['bob', 'operator', '2020-01-01T00:00:00.000Z (expired)'],
    [''],
  ]);
  expect(JSON.parse((await token(file, 'list', '--json')).stdout)).toEqual([
    { name: 'ada', role: 'admin', expiresAt: null },
    { name: 'bob', role: 'operator', expiresAt: '2020-01-01T00:00:00.000Z' },
  ]);
});

test('a running server accepts a created token and refuses it once it is revoked; a link to the file stays a link', async () => {
  const file = tokensFile();
  const link = `${file}.link`;
  writeFileSync(file, tokenLine('ada', 'ada-secret', 'admin'));
  symlinkSync(file, link);
  await using server = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: link } });
  const secret = (await token(link, 'create', 'bob')).stdout.trim();
  const codeOfJobs = async () =>
    (await trainyard(server.url, ['jobs'], { environment: { TRAINYARD_TOKEN: secret } })).code;
  await until('the token is accepted', async () => (await codeOfJobs()) === 0);
  const { stdout } = await token(link, 'revoke', 'bob');
  expect(stdout).toContain('Revoked bob');
  expect(parseTokens(readFileSync(file, 'utf8'))).toMatchObject([{ name: 'ada' }]);
  await until('the token is refused', async () => (await codeOfJobs()) === 6);
});

test('SIGHUP makes the server read the tokens again, and does not end it', async () => {
  const file = tokensFile();
  writeFileSync(file, tokenLine('ada', 'ada-secret', 'admin'));
  await using server = await startTestServer({ environment: { TRAINYARD_TOKENS_FILE: file } });
  writeFileSync(file, 'broken\n');
  await until('the broken file is logged', () => server.output().includes('stay valid'));
  const errors = () => server.output().split('stay valid').length - 1;
  const before = errors();
  server.signal('SIGHUP');
  await until('the file is read again', () => errors() > before);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test('the last token can be revoked, with a warning', async () => {
  const file = tokensFile();
  writeFileSync(file, `# people\n${tokenLine('ada', '1')}`);
  expect((await token(file, 'revoke', 'ada')).stdout).toContain('No token is left');
  expect(readFileSync(file, 'utf8')).toBe('# people\n');
});
