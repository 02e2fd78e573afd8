import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { pythonAt } from '../../src/runner/python/interpreter.ts';
import { ended, PYTHON, reach } from '../support/runner.ts';
import { temporaryHome } from '../support/home.ts';
import { tokenOf } from '../support/tokens.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { ask, codesOf, post, serve, type TestServer } from './support.ts';

const TEXT = 'x,y\n1,2\n3,4\n';

const NOT_FOUND = [
  'missing.csv',
  '',
  '.',
  '..',
  '../artifacts/trainyard.db',
  '..%2Fartifacts%2Ftrainyard.db',
  '%2e%2e/artifacts/trainyard.db',
  '%2Fetc%2Fpasswd',
  '//etc/passwd',
  'a.csv%00',
  '%FF',
  'folder',
  '.hidden.csv',
  '.folder/a.csv',
  'out.csv',
  'out/trainyard.db',
  'unhidden.csv',
  'a'.repeat(5000),
];

let server: TestServer;
beforeEach(async () => {
  server = await serve({ runner: { maxRunning: 1 } });
  writeFileSync(join(server.home, 'datasets', 'a.csv'), TEXT);
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask(server, { method, path, headers });

describe('a dataset', () => {
  test('is downloaded unchanged, as an attachment', async () => {
    const { status, headers, text } = await get('/datasets/a.csv');
    expect(status).toBe(200);
    expect(text).toBe(TEXT);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(TEXT.length),
      'content-disposition': `attachment; filename="a.csv"; filename*=UTF-8''a.csv`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/"/) as string,
      'last-modified': expect.stringMatching(/GMT$/) as string,
    });
  });

  test('is downloaded in parts, and not again when it has not changed', async () => {
    const part = await get('/datasets/a.csv', { range: 'bytes=4-6' });
    expect([part.status, part.text, part.headers['content-range']]).toEqual([206, '1,2', 'bytes 4-6/12']);
    expect((await get('/datasets/a.csv', { range: 'bytes=-4' })).text).toBe('3,4\n');
    expect((await get('/datasets/a.csv', { range: 'bytes=8-' })).text).toBe('3,4\n');

    const beyond = await get('/datasets/a.csv', { range: 'bytes=12-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */12']);
    expect(codesOf(beyond.json())).toEqual(['RANGE_NOT_SATISFIABLE']);
    expect(beyond.headers['content-disposition']).toBeUndefined();

    const etag = part.headers.etag ?? '';
    expect((await get('/datasets/a.csv', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('/datasets/a.csv', { 'if-match': '"other"' })).status).toBe(412);
    expect((await get('/datasets/a.csv', { range: 'bytes=8-', 'if-range': etag })).status).toBe(206);
    writeFileSync(join(server.home, 'datasets', 'a.csv'), `${TEXT}5,6\n`);
    const whole = await get('/datasets/a.csv', { range: 'bytes=8-', 'if-range': etag });
    expect([whole.status, whole.text]).toEqual([200, `${TEXT}5,6\n`]);
  });

  test('is measured with HEAD, and cannot be posted to', async () => {
    const { status, headers, text } = await get('/datasets/a.csv', {}, 'HEAD');
    expect([status, headers['content-length'], text]).toEqual([200, '12', '']);
    const posted = await get('/datasets/a.csv', {}, 'POST');
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD, PUT']);
    expect((await get('/models/x', {}, 'PUT')).status).toBe(405);
  });

  test('may be empty, have any name and lie in a folder; its url leads to it', async () => {
    const names = ['empty.csv', 'sub/ä "b" %41;#?.csv', "it's (one).csv"];
    mkdirSync(join(server.home, 'datasets', 'sub'));
    names.forEach((name, index) => writeFileSync(join(server.home, 'datasets', name), '1'.repeat(index)));
    for (const [index, name] of names.entries()) {
      const answer = await post(server, 'query ($name: String!) { dataset(name: $name) { url } }', {
        variables: { name },
      });
      const { url } = answer.json().data?.['dataset'] as { url: string };
      const { status, text, headers } = await get(url);
      expect([status, text]).toEqual([200, '1'.repeat(index)]);
      expect(headers['content-disposition']).toMatch(/^attachment; filename="[\w .()-]+"; filename\*=UTF-8''[\w.%-]+$/);
    }
    expect((await get('/datasets/sub%2F%C3%A4%20%22b%22%20%2541%3B%23%3F.csv')).status).toBe(200);
  });

  test('that is replaced during a download arrives in its old version', async () => {
    const path = join(server.home, 'datasets', 'large.csv');
    const content = Buffer.alloc(20_000_000, 'old');
    writeFileSync(path, content);
    const asked = request({ host: '127.0.0.1', port: server.port, path: '/datasets/large.csv', agent: false });
    asked.end();
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    writeFileSync(`${path}.new`, Buffer.alloc(20_000_000, 'new'));
    renameSync(`${path}.new`, path);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  test('that is missing, hidden or outside the folder is not found, on any path', async () => {
    const datasets = join(server.home, 'datasets');
    for (const folder of ['folder', '.folder']) mkdirSync(join(datasets, folder));
    for (const file of ['.hidden.csv', '.folder/a.csv']) writeFileSync(join(datasets, file), 'secret');
    symlinkSync('/etc/passwd', join(datasets, 'out.csv'));
    symlinkSync(join(server.home, 'artifacts'), join(datasets, 'out'));
    symlinkSync('.hidden.csv', join(datasets, 'unhidden.csv'));
    for (const name of NOT_FOUND) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await get(`/datasets/${name}`, {}, method);
        expect([name, answer.status]).toEqual([name, 404]);
        if (method === 'GET') expect(codesOf(answer.json())).toEqual(['DATASET_NOT_FOUND']);
      }
    }
  });
});

describe('a model', () => {
  test('of a simulation is its placeholder; one that is not there is not found', async () => {
    const { id } = await server.runner.start({ backend: 'SIMULATION', epochs: 1 });
    await reach(server.runner, id, ended);
    const query = `{ job(id: "${id}") { checkpoint { path url safetensorsUrl } } }`;
    const { checkpoint } = (await post(server, query)).json().data?.['job'] as {
      checkpoint: { path: string; url: string; safetensorsUrl: string | null };
    };
    expect(checkpoint).toMatchObject({ url: `/models/${id}`, safetensorsUrl: null });
    const { status, text, headers } = await get(checkpoint.url);
    expect([status, text]).toEqual([200, readFileSync(join(server.home, checkpoint.path), 'utf8')]);
    expect(headers['content-disposition']).toContain(`filename="${id}.txt"`);
    for (const name of [`${id}.safetensors`, `${id}.txt`, `${id}.state.pt`, 'job_1_00000000', '..%2Fa', '']) {
      const answer = await get(`/models/${name}`);
      expect(answer.status).toBe(404);
      expect(codesOf(answer.json())).toEqual(['MODEL_NOT_FOUND']);
    }
  });

  test('that a job claims to have outside the models folder is not sent', async () => {
    const { id } = await server.runner.start({ backend: 'SIMULATION', epochs: 1 });
    const job = await reach(server.runner, id, ended);
    const model = join(server.home, job.checkpoint ?? '');
    renameSync(model, `${model}.kept`);
    symlinkSync(join(server.home, 'datasets', 'a.csv'), model);
    expect((await get(`/models/${id}`)).status).toBe(404);
  });

  test('that is not there yet is not found', async () => {
    const waiting = await serve();
    const { id } = await waiting.runner.start({ backend: 'SIMULATION' });
    writeFileSync(join(waiting.home, 'models', `${id}.txt`), 'half');
    expect((await ask(waiting, { path: `/models/${id}` })).status).toBe(404);
  });

  test.skipIf(!HAS_TORCH)('that was downloaded is the file itself, and predicts', async () => {
    const { id } = await server.runner.start({ epochs: 3 });
    expect((await reach(server.runner, id, ended)).state.status).toBe('COMPLETED');
    const folder = temporaryHome();
    for (const [url, name] of [
      [`/models/${id}`, `${id}.pt`],
      [`/models/${id}.safetensors`, `${id}.safetensors`],
    ] as const) {
      const response = await fetch(`${server.url}${url}`);
      const content = Buffer.from(await response.arrayBuffer());
      expect(content.equals(readFileSync(join(server.home, 'models', name)))).toBe(true);
      const model = join(folder, name);
      writeFileSync(model, content);
      const data = join(server.home, 'datasets', 'sample.csv');
      const args = ['-m', 'trainyard', 'predict', '--model', model, '--data', data];
      const { stdout, status } = spawnSync(PYTHON, args, { ...pythonAt(PYTHON).spawnOptions, encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout.trim().split('\n')).toHaveLength(31);
    }
  });
});

test('files have the access rules of the API: tokens, hosts and origins', async () => {
  const token = tokenOf('me', 'secret');
  server = await serve({ settings: { tokens: [token], allowedOrigins: ['https://lab.example'] } });
  const path = '/datasets/sample.csv';
  const authorization = 'Bearer secret';
  expect((await get(path)).status).toBe(401);
  expect((await get('/models/job_1_00000000')).status).toBe(401);
  expect((await get(`${path}?token=secret`)).status).toBe(401);
  expect((await get(path, { authorization, host: 'evil.example' })).status).toBe(403);
  expect((await get(path, { authorization, origin: 'https://evil.example' })).status).toBe(403);
  const allowed = await get(path, { authorization, origin: 'https://lab.example' });
  expect(allowed.status).toBe(200);
  expect(allowed.headers['access-control-expose-headers']).toMatch(/content-disposition/);
});
