import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSettings, SettingsError } from '../../src/settings/settings.ts';
import { temporaryHome } from '../support/home.ts';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

test('without any variable, or with empty ones, every setting has its default', () => {
  const defaults = readSettings({});
  expect(defaults).toMatchObject({
    home: process.cwd(),
    host: '127.0.0.1',
    port: 4000,
    launcher: 'local',
    maxRunning: null,
    maxQueued: 1000,
    retentionDays: null,
    tokensFile: null,
    tokens: null,
    jwt: null,
    webhooks: [],
    allowedOrigins: [],
    allowedHosts: [],
    logLevel: 'info',
  });
  // Of this clone, if `npm run setup` has made it.
  const ofClone = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
  expect(defaults.python).toBe(existsSync(ofClone) ? ofClone : 'python3');
  expect(readSettings({ TRAINYARD_PORT: '', TRAINYARD_HOME: '', TRAINYARD_TOKENS_FILE: '' })).toEqual(defaults);
});

test('every setting can be set', () => {
  const home = temporaryHome();
  const tokens = join(home, 'tokens');
  const digest = createHash('sha256').update('secret').digest('hex');
  const other = createHash('sha256').update('other').digest('hex');
  const webhooks = join(home, 'webhooks.json');
  const webhook = {
    name: 'chat',
    url: 'https://chat.example/hook',
    secret: `whsec_${Buffer.alloc(24).toString('base64')}`,
  };
  writeFileSync(webhooks, JSON.stringify({ webhooks: [webhook] }));
  writeFileSync(tokens, `# who may use this server\n\nalice ${digest}\nbob  ${other.toUpperCase()} viewer\n`);
  expect(
    readSettings({
      TRAINYARD_HOME: home,
      TRAINYARD_HOST: '0.0.0.0',
      TRAINYARD_PORT: '0',
      TRAINYARD_PYTHON: '/usr/bin/python3',
      TRAINYARD_TRUST_PROXY: '10.0.0.0/8, ::1',
      TRAINYARD_STARTS_PER_MINUTE: '5/10',
      TRAINYARD_UPLOADS_PER_MINUTE: '6/11',
      TRAINYARD_MAX_SUBSCRIPTIONS: '7/12',
      TRAINYARD_REQUESTS_PER_MINUTE: '500',
      TRAINYARD_MAX_STORED_BYTES: 'none/1000',
      TRAINYARD_MAX_JOBS: '50/100',
      TRAINYARD_MIN_FREE_BYTES: '0',
      TRAINYARD_TRAINER_ENV: 'HF_HOME, WANDB_*',
      TRAINYARD_LAUNCHER: 'slurm',
      TRAINYARD_WARM_START: 'on',
      TRAINYARD_SLURM_PARTITIONS: 'gpu, cpu',
      TRAINYARD_SLURM_CONSTRAINTS: 'a100&ib',
      TRAINYARD_SLURM_MAX_NODES: '4',
      TRAINYARD_MAX_RUNNING: '20',
      TRAINYARD_MAX_QUEUED: '0',
      TRAINYARD_RETENTION_DAYS: '30',
      TRAINYARD_MAX_UPLOAD_BYTES: '1000000',
      TRAINYARD_TOKENS_FILE: tokens,
      TRAINYARD_JWT_ISSUER: 'https://login.example/',
      TRAINYARD_JWT_AUDIENCE: 'trainyard',
      TRAINYARD_JWT_JWKS: 'https://login.example/jwks.json',
      TRAINYARD_JWT_ROLE_CLAIM: 'realm_access.roles',
      TRAINYARD_JWT_NAME_CLAIM: 'email',
      TRAINYARD_WEBHOOKS_FILE: webhooks,
      TRAINYARD_ALLOWED_ORIGINS: 'https://lab.example, http://localhost:3000/',
      TRAINYARD_ALLOWED_HOSTS: 'Lab.Example,10.0.0.5:4000',
      TRAINYARD_LOG_LEVEL: 'debug',
    }),
  ).toEqual({
    home,
    host: '0.0.0.0',
    port: 0,
    python: '/usr/bin/python3',
    socket: null,
    tls: null,
    trustedProxies: ['10.0.0.0/8', '::1'],
    startsPerMinute: { perUser: 5, total: 10 },
    uploadsPerMinute: { perUser: 6, total: 11 },
    maxSubscriptions: { perUser: 7, total: 12 },
    requestsPerMinute: 500,
    maxStoredBytes: { perUser: Infinity, total: 1000 },
    maxJobs: { perUser: 50, total: 100 },
    minFreeBytes: 0,
    trainerEnv: ['HF_HOME', 'WANDB_*'],
    launcher: 'slurm',
    warmStart: true,
    resources: {
      allowed: { partition: ['gpu', 'cpu'], account: [], qos: [], constraint: ['a100&ib'], gpuType: [] },
      maxNodes: 4,
    },
    maxRunning: 20,
    maxQueued: 0,
    retentionDays: 30,
    maxUploadBytes: 1_000_000,
    tokensFile: tokens,
    tokens: [
      { name: 'alice', digest: Buffer.from(digest, 'hex'), role: 'operator', expiresAt: null },
      { name: 'bob', digest: Buffer.from(other, 'hex'), role: 'viewer', expiresAt: null },
    ],
    jwt: {
      issuer: 'https://login.example/',
      audience: 'trainyard',
      keys: new URL('https://login.example/jwks.json'),
      roleClaim: 'realm_access.roles',
      nameClaim: 'email',
    },
    webhooks: [
      {
        ...webhook,
        events: ['job.completed', 'job.stopped', 'job.failed', 'job.stalled'],
        filter: null,
        allowPrivateAddresses: false,
        link: null,
      },
    ],
    allowedOrigins: ['https://lab.example', 'http://localhost:3000'],
    allowedHosts: ['lab.example', '10.0.0.5:4000'],
    logLevel: 'debug',
  });
});

test.each([
  ['TRAINYARD_PORT', '70000', /whole number from 0 to 65535/],
  ['TRAINYARD_PORT', '40x', /whole number/],
  ['TRAINYARD_TRUST_PROXY', '10.0.0.0/33', /IP addresses or networks/],
  ['TRAINYARD_TRUST_PROXY', 'true', /IP addresses or networks/],
  ['TRAINYARD_SOCKET', '/tmp/a:b', /must be a path of at most 100 characters/],
  ['TRAINYARD_STARTS_PER_MINUTE', '100', /two whole numbers such as 100/],
  ['TRAINYARD_STARTS_PER_MINUTE', 'none/100', /two whole numbers of at most/],
  ['TRAINYARD_MAX_JOBS', '0/100', /two whole numbers such as 100/],
  ['TRAINYARD_REQUESTS_PER_MINUTE', '0', /from 1 to/],
  ['TRAINYARD_TRAINER_ENV', '*', /environment variables such as/],
  ['TRAINYARD_LAUNCHER', 'kubernetes', /one of local, slurm/],
  ['TRAINYARD_WARM_START', 'yes', /must be on or off/],
  ['TRAINYARD_SLURM_PARTITIONS', 'gpu --wrap=id', /names that Slurm knows/],
  ['TRAINYARD_SLURM_QOS', '-n', /names that Slurm knows/],
  ['TRAINYARD_MAX_RUNNING', '0', /from 1 to/],
  ['TRAINYARD_MAX_QUEUED', '-1', /whole number/],
  ['TRAINYARD_RETENTION_DAYS', '0', /from 1 to/],
  ['TRAINYARD_MAX_UPLOAD_BYTES', '10 GB', /whole number/],
  ['TRAINYARD_HOST', 'localhost:4000', /without a port/],
  ['TRAINYARD_HOME', new URL(import.meta.url).pathname, /must be a folder/],
  ['TRAINYARD_LOG_LEVEL', 'loud', /one of silent, fatal/],
  ['TRAINYARD_ALLOWED_ORIGINS', 'lab.example', /origins such as/],
  ['TRAINYARD_ALLOWED_ORIGINS', 'https://lab.example/page', /without a path/],
  ['TRAINYARD_ALLOWED_HOSTS', 'http://lab.example', /without http/],
  ['TRAINYARD_JWT_ISSUER', 'my issuer', /exact value in the tokens/],
  ['TRAINYARD_JWT_JWKS', 'http://login.example/jwks.json', /must be an https:/],
  ['TRAINYARD_JWT_JWKS', 'https://user:secret@login.example/jwks.json', /without a password/],
  ['TRAINYARD_JWT_JWKS', 'ftp://login.example/jwks.json', /must be an https:/],
  ['TRAINYARD_JWT_JWKS', '/nothing/jwks.json', /cannot be read \(ENOENT\)/],
  ['TRAINYARD_JWT_ROLE_CLAIM', 'my roles', /name of a claim such as roles/],
  ['TRAINYARD_TOKENS_FILE', '/nothing/here', /cannot be read \(ENOENT\)/],
])('%s=%s is refused in a sentence that names it', (name, value, says) => {
  const [problem, ...others] = problemsOf({ [name]: value });
  expect(others).toEqual([]);
  expect(problem?.startsWith(`${name} `)).toBe(true);
  expect(problem).toMatch(says);
  expect(problem).toContain(JSON.stringify(value));
  expect(problem).toMatch(/\.$/);
});

test('a tokens file with a bad line or without any token is refused, and no token is repeated', () => {
  const file = join(temporaryHome(), 'tokens');
  writeFileSync(file, `alice ${'0'.repeat(64)}\nbob plain-token\n`);
  const [problem] = problemsOf({ TRAINYARD_TOKENS_FILE: file });
  expect(problem).toMatch(/line 2 has not/);
  expect(problem).not.toContain('plain-token');
  writeFileSync(file, '# no token\n');
  expect(problemsOf({ TRAINYARD_TOKENS_FILE: file })[0]).toMatch(/at least one token/);
});

const JWT = { TRAINYARD_JWT_ISSUER: 'https://login.example/', TRAINYARD_JWT_AUDIENCE: 'trainyard' };

test.each([
  ['no JSON', /it is not JSON/],
  ['{"keys": 1}', /it has no list of keys/],
  ['{"keys": []}', /it has no public key/],
  ['{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', /it has no public key/],
  [' '.repeat(300_000), /more than 262144 bytes/],
])('a file of keys with %.30j is refused', (content, problem) => {
  const path = join(temporaryHome(), 'jwks.json');
  writeFileSync(path, content);
  expect(problemsOf({ ...JWT, TRAINYARD_JWT_JWKS: path })[0]).toMatch(problem);
});

test('the settings of JWTs have defaults, and belong together', () => {
  const jwt = { ...JWT, TRAINYARD_JWT_JWKS: 'http://127.0.0.1:8080/jwks.json' };
  expect(readSettings(jwt).jwt).toMatchObject({ roleClaim: 'roles', nameClaim: 'sub' });
  expect(readSettings({ ...jwt, TRAINYARD_HOST: '0.0.0.0' }).tokens).toBeNull();
  for (const part of [JWT, { TRAINYARD_JWT_ROLE_CLAIM: 'roles' }]) {
    expect(problemsOf(part)).toEqual([expect.stringMatching(/belong together: set all three/)]);
  }
});

test('an unknown variable is rejected with a suggestion', () => {
  expect(problemsOf({ TRAINYARD_PROT: '1' })).toEqual([
    'TRAINYARD_PROT is not a setting. Did you mean TRAINYARD_PORT?',
  ]);
  expect(problemsOf({ TRAINYARD_SOMETHING_ELSE: '1' })[0]).toMatch(
    /is not a setting\. The settings are TRAINYARD_HOME, /,
  );
});

test('all problems are reported together', () => {
  expect(problemsOf({ TRAINYARD_PORT: 'x', TRAINYARD_LOG_LEVEL: 'x', TRAINYARD_PROT: 'x' })).toHaveLength(3);
});

test.each(['0.0.0.0', '192.168.0.5', '::', 'lab.example'])('listening on %s requires tokens', (host) => {
  expect(problemsOf({ TRAINYARD_HOST: host })[0]).toMatch(/is reachable from other machines, which requires tokens/);
});

test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('listening on %s requires no tokens', (host) => {
  expect(readSettings({ TRAINYARD_HOST: host }).host).toBe(host);
});

test('variables of a training process are allowed in the environment', () => {
  const names = ['JOB_ID', 'ATTEMPT', 'SIMULATION_STEP_SECONDS', 'CAPTURE', 'SYSTEM_METRICS_SECONDS'];
  expect(problemsOf(Object.fromEntries(names.map((name) => [`TRAINYARD_${name}`, '1'])))).toEqual([]);
});

test('variables of the command-line client are allowed in the environment', () => {
  expect(problemsOf({ TRAINYARD_URL: 'http://127.0.0.1:4000', TRAINYARD_TOKEN: 'x' })).toEqual([]);
});
