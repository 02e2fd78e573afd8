import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkNode } from '../../src/cli/doctor/node.ts';
import { serve } from '../server/support.ts';
import { useBarePython } from '../support/bare-python.ts';
import { hasOpenssl, makeCertificate } from '../support/certificate.ts';
import { temporaryHome } from '../support/home.ts';
import { PYTHON } from '../support/runner.ts';
import { freePort } from '../support/free-port.ts';
import { startTestServer } from '../support/server-process.ts';
import { trainyard } from './command-support.ts';

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly { about: string; state: string; says: string; remedy: string | null }[];
}

const barePython = useBarePython();

/** Runs `trainyard doctor` with a Python that has no packages, unless the environment names another. */
async function doctor(environment: NodeJS.ProcessEnv, url: string | null = null) {
  const { code, stdout } = await trainyard(url, ['doctor', '--json'], {
    environment: { TRAINYARD_PYTHON: barePython(), TRAINYARD_PORT: String(await freePort()), ...environment },
    cwd: temporaryHome(),
  });
  const report = JSON.parse(stdout) as Report;
  return { code, report, about: (name: string) => report.findings.find(({ about }) => about === name) };
}

test('it exits with 0 when all requirements are met, and notes that no server responds yet', async () => {
  const home = temporaryHome();
  const { code, report, about } = await doctor({ TRAINYARD_HOME: home, TRAINYARD_PYTHON: PYTHON });
  expect(code).toBe(0);
  expect(report.healthy).toBe(true);
  expect(report.findings.map(({ about: name }) => name)).toEqual([
    'Node',
    'Python',
    'PyTorch',
    'GPU',
    'Home',
    'Disk',
    'Port',
    'Server',
  ]);
  expect(about('Home')).toMatchObject({ state: 'OK', says: home });
  expect(about('Server')).toMatchObject({ state: 'NOTE', remedy: 'Run `trainyard serve` to start one.' });
});

test('without --json it prints a line for each check, and the fix below it', async () => {
  const { code, stdout } = await trainyard(null, [
    'doctor',
    '--python',
    '/nowhere/python3',
    '--home',
    temporaryHome(),
    '--port',
    String(await freePort()),
  ]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✔ Node +24\./m);
  expect(stdout).toMatch(
    /^✘ Python +TRAINYARD_PYTHON is "\/nowhere\/python3", which is not a working Python\.\n +Correct it, or unset it and run `npm run setup`\.$/m,
  );
});

test('a missing Python is a problem, and a Python without PyTorch is not', async () => {
  const without = await doctor({});
  expect(without.code).toBe(0);
  expect(without.about('Python')?.state).toBe('OK');
  expect(without.about('PyTorch')).toMatchObject({
    state: 'NOTE',
    says: expect.stringContaining('not installed') as string,
  });

  const missing = await doctor({ TRAINYARD_PYTHON: '/nowhere/python3' });
  expect(missing.code).toBe(1);
  expect(missing.about('Python')).toMatchObject({
    state: 'WRONG',
    says: expect.stringContaining('/nowhere/python3') as string,
  });
  expect(missing.about('PyTorch')).toBeUndefined();
});

test('a home that is not writable is a problem', async () => {
  const home = temporaryHome();
  // Permissions do not stop root, so a file takes the place of the folder.
  writeFileSync(join(home, 'file'), '');
  const { code, about } = await doctor({ TRAINYARD_HOME: join(home, 'file', 'home') });
  expect(code).toBe(1);
  expect(about('Home')).toMatchObject({ state: 'WRONG', remedy: expect.stringContaining('TRAINYARD_HOME') as string });

  const missing = await doctor({ TRAINYARD_HOME: join(home, 'deep', 'home') });
  expect(missing.about('Home')).toMatchObject({
    state: 'OK',
    says: expect.stringContaining('(will be created)') as string,
  });
});

test('a port that another program uses is a problem; a port that a Trainyard server uses is not', async () => {
  const other = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const used = await doctor({ TRAINYARD_PORT: String((other.address() as AddressInfo).port) });
  expect(used.code).toBe(1);
  expect(used.about('Port')).toMatchObject({
    state: 'WRONG',
    says: expect.stringContaining('used by another program') as string,
  });

  await using server = await startTestServer();
  const own = await doctor({ TRAINYARD_PORT: String(server.port) });
  expect(own.code).toBe(0);
  expect(own.about('Port')?.says).toContain('a Trainyard server listens');
  expect(own.about('Server')).toMatchObject({
    state: 'OK',
    says: expect.stringMatching(/responds, with trainers: tabular \(/) as string,
  });
});

test('a server that the user named is a problem when it does not respond', async () => {
  const { code, about } = await doctor({}, `http://127.0.0.1:${await freePort()}`);
  expect(code).toBe(1);
  expect(about('Server')).toMatchObject({
    state: 'WRONG',
    says: expect.stringContaining('No Trainyard server responds') as string,
  });
});

describe.skipIf(!hasOpenssl())('a server with TLS', () => {
  test('is checked over HTTPS with its certificate, from any issuer', async () => {
    const tls = makeCertificate(temporaryHome(), 'lab');
    const server = await serve({ settings: { tls } });
    const environment = { TRAINYARD_PORT: String(server.port), TRAINYARD_TLS_KEY: tls.keyFile };
    const { about } = await doctor({ ...environment, TRAINYARD_TLS_CERT: tls.certFile });
    expect(about('Port')).toMatchObject({ state: 'OK', says: expect.stringContaining('a Trainyard server') as string });
    expect(about('Server')).toMatchObject({
      state: 'OK',
      says: expect.stringContaining(`https://127.0.0.1:${server.port} responds`) as string,
    });
  });

  test('that has another certificate than the setting is a problem', async () => {
    const folder = temporaryHome();
    const server = await serve({ settings: { tls: makeCertificate(folder, 'lab') } });
    const other = makeCertificate(folder, 'other');
    const { code, about } = await doctor({
      TRAINYARD_PORT: String(server.port),
      TRAINYARD_TLS_CERT: other.certFile,
      TRAINYARD_TLS_KEY: other.keyFile,
    });
    expect(code).toBe(1);
    expect(about('Server')).toMatchObject({
      state: 'WRONG',
      says: expect.stringContaining('another certificate than expected (DEPTH_ZERO_SELF_SIGNED_CERT)') as string,
    });
  });
});

test('a server on a Unix socket is checked over the socket, and no port is', async () => {
  const folder = temporaryHome();
  const socket = join(folder, 'trainyard.sock');
  const free = await doctor({ TRAINYARD_SOCKET: socket });
  expect(free.about('Socket')).toMatchObject({ state: 'OK', says: `${socket} is free` });
  expect(free.about('Server')).toMatchObject({ state: 'NOTE', says: `No server responds at unix:${socket}.` });

  await serve({ settings: { socket } });
  const { about } = await doctor({ TRAINYARD_SOCKET: socket });
  expect(about('Port')).toBeUndefined();
  expect(about('Socket')).toMatchObject({ state: 'OK', says: `a Trainyard server listens on ${socket}` });
  expect(about('Server')).toMatchObject({
    state: 'OK',
    says: expect.stringContaining(`unix:${socket} responds`) as string,
  });
});

test('a file in the place of the Unix socket, or a missing folder, is a problem', async () => {
  const file = join(temporaryHome(), 'file');
  writeFileSync(file, '');
  expect((await doctor({ TRAINYARD_SOCKET: file })).about('Socket')).toMatchObject({
    state: 'WRONG',
    says: `${file} is not a socket.`,
  });
  expect((await doctor({ TRAINYARD_SOCKET: '/nowhere/trainyard.sock' })).about('Socket')).toMatchObject({
    state: 'WRONG',
    says: '/nowhere does not exist.',
  });
});

test('each setting that a server would refuse is a problem', async () => {
  const { code, report } = await doctor({
    TRAINYARD_JWT_ISSUER: 'https://login.example/',
    TRAINYARD_JWT_JWKS: 'http://login.example/jwks.json',
    TRAINYARD_HOST: '127.0.0.1',
  });
  expect(code).toBe(1);
  expect(report.findings.filter(({ about }) => about === 'Settings')).toEqual([
    {
      about: 'Settings',
      state: 'WRONG',
      says: expect.stringMatching(/^TRAINYARD_JWT_JWKS must be an https:/) as string,
      remedy: 'Correct the environment variable or the flag.',
    },
  ]);
});

test('a Node that is too old is a problem', () => {
  expect(checkNode('20.20.2')).toMatchObject({ state: 'WRONG', remedy: 'Install Node 24 or newer.' });
});
