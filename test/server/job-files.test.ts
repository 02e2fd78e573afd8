import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { ask, codesOf, post, queueJob, serve, type TestServer } from './support.ts';

let server: TestServer;
let id: string;
let outputs: string;

async function prepare(options?: Parameters<typeof serve>[0]): Promise<void> {
  server = await serve(options);
  ({ id } = await queueJob(server.runner));
  outputs = join(server.home, 'artifacts/outputs', id);
  mkdirSync(outputs, { recursive: true });
}
beforeEach(() => prepare());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask(server, { method, path, headers });

interface Files {
  readonly totalCount: number;
  readonly isTruncated: boolean;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly {
    readonly node: { readonly path: string; readonly bytes: number; readonly modifiedAt: string; readonly url: string };
  }[];
}

async function list(variables: object = {}): Promise<Files> {
  const query = `query ($id: ID!, $first: Int, $after: String, $last: Int) { job(id: $id) {
    files(first: $first, after: $after, last: $last) {
      totalCount isTruncated pageInfo { hasNextPage endCursor } edges { node { path bytes modifiedAt url } }
    } } }`;
  const { data, errors } = (await post(server, query, { variables: { id, ...variables } })).json();
  if (errors) throw new Error(errors[0]?.message);
  return (data?.['job'] as { files: Files }).files;
}

const pathsOf = ({ edges }: Files) => edges.map(({ node }) => node.path);

describe('the files of a job', () => {
  test('are listed by path, page by page, and downloaded by their url', async () => {
    mkdirSync(join(outputs, 'checkpoint-5/deep'), { recursive: true });
    const names = ['model.bin', 'checkpoint-5/a.json', 'checkpoint-5/deep/b.txt', 'ä "b" %41;#?.csv', 'empty'];
    for (const [length, name] of names.entries()) writeFileSync(join(outputs, name), 'x'.repeat(length));
    const all = await list();
    expect(pathsOf(all)).toEqual([...names].sort());
    expect(all).toMatchObject({ totalCount: 5, isTruncated: false });
    for (const { node } of all.edges) {
      expect(Math.abs(Date.now() - Date.parse(node.modifiedAt))).toBeLessThan(60_000);
      const { status, text, headers } = await get(node.url);
      expect([status, text.length]).toEqual([200, node.bytes]);
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'x-content-type-options': 'nosniff',
        'content-disposition': expect.stringMatching(/^attachment; filename="/) as string,
      });
    }
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Files = await list({ first: 2, after });
      seen.push(...pathsOf(page));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(pathsOf(all));
    expect(pathsOf(await list({ last: 1 }))).toEqual(['ä "b" %41;#?.csv']);
    await expect(list({ first: 201 })).rejects.toThrow('first must be from 1 to 200');
    await expect(list({ after: 'nonsense' })).rejects.toThrow('after must be a cursor');
  });

  test('are downloaded in parts, and measured with HEAD', async () => {
    writeFileSync(join(outputs, 'a.txt'), '0123456789');
    const part = await get(`/jobs/${id}/files/a.txt`, { range: 'bytes=3-5' });
    expect([part.status, part.text, part.headers['content-range']]).toEqual([206, '345', 'bytes 3-5/10']);
    const head = await get(`/jobs/${id}/files/a.txt`, {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '10', '']);
    const posted = await get(`/jobs/${id}/files/a.txt`, {}, 'PUT');
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('are none for a job that wrote none, and the list is bounded', async () => {
    rmSync(outputs, { recursive: true });
    expect(await list()).toMatchObject({ totalCount: 0, edges: [], isTruncated: false });
    mkdirSync(outputs);
    for (let number = 0; number < 10_001; number += 1) writeFileSync(join(outputs, String(number)), '');
    expect(await list({ first: 1 })).toMatchObject({ totalCount: 10_000, isTruncated: true });
  });

  test('do not include hidden files, links, FIFOs, sockets and folders, and none of these is downloaded', async () => {
    writeFileSync(join(outputs, 'real.txt'), 'real');
    writeFileSync(join(outputs, '.hidden'), 'secret');
    mkdirSync(join(outputs, '.tmp-checkpoint'));
    writeFileSync(join(outputs, '.tmp-checkpoint/a'), 'secret');
    mkdirSync(join(outputs, 'folder'));
    symlinkSync('/etc/passwd', join(outputs, 'passwd'));
    symlinkSync('/etc', join(outputs, 'etc'));
    symlinkSync('real.txt', join(outputs, 'alias'));
    symlinkSync('/dev/zero', join(outputs, 'zero'));
    symlinkSync('loop', join(outputs, 'loop'));
    execFileSync('mkfifo', [join(outputs, 'fifo')]);
    const socket = createServer().listen(join(outputs, 'socket'));
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    expect(pathsOf(await list())).toEqual(['real.txt']);
    const others = [
      '.hidden',
      '.tmp-checkpoint/a',
      'folder',
      'passwd',
      'etc/passwd',
      'alias',
      'zero',
      'loop',
      'fifo',
      'socket',
    ];
    for (const name of others) expect([name, (await get(`/jobs/${id}/files/${name}`)).status]).toEqual([name, 404]);
  });

  test('no path leads out of the folder of the job', async () => {
    writeFileSync(join(outputs, 'real.txt'), 'real');
    const other = (await queueJob(server.runner)).id;
    mkdirSync(join(outputs, '..', other));
    writeFileSync(join(outputs, '..', other, 'b.txt'), 'of another job');
    const paths = [
      ...['..', '../trainyard.db', '../../trainyard.db', `../${other}/b.txt`, './real.txt', 'x/../real.txt'],
      ...[
        '..%2F..%2Ftrainyard.db',
        '%2e%2e/%2e%2e/trainyard.db',
        '..%5C..%5Ctrainyard.db',
        '%2Fetc%2Fpasswd',
        '//etc/passwd',
      ],
      ...['real.txt/', 'real.txt%00', '%00', '%FF', '', '/', 'real.txt/x', 'a'.repeat(5000), 'a/'.repeat(40) + 'b'],
    ];
    for (const path of paths) {
      const answer = await get(`/jobs/${id}/files/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(codesOf(answer.json())).toEqual(['FILE_NOT_FOUND']);
    }
    for (const job of ['..', '%2e%2e', 'job_1_00000000', '', `${id}/../${other}`, `${id}%2F..%2F${other}`]) {
      expect([job, (await get(`/jobs/${job}/files/b.txt`)).status]).toEqual([job, 404]);
    }
    expect((await get(`/jobs/${id}/files/real%2Etxt`)).text).toBe('real');
  });

  test('a folder of outputs that is a link is not followed', async () => {
    rmSync(outputs, { recursive: true });
    symlinkSync('/etc', outputs);
    expect(await list()).toMatchObject({ totalCount: 0 });
    expect((await get(`/jobs/${id}/files/passwd`)).status).toBe(404);
  });

  test('names with line ends and bidirectional characters are visible in the list, and downloadable', async () => {
    const name = 'a\nb\u202etxt.exe';
    writeFileSync(join(outputs, name), 'content');
    const [edge] = (await list()).edges;
    expect(edge?.node.path).toBe('a␊b<U+202E>txt.exe');
    const { status, text, headers } = await get(edge?.node.url ?? '');
    expect([status, text]).toEqual([200, 'content']);
    expect(headers['content-disposition']).toMatch(/^attachment; filename="a_b_txt\.exe"; filename\*=UTF-8''[\w.%-]+$/);
  });

  test('are deleted with the job, also in read-only folders, and links are not followed', async () => {
    const kept = join(server.home, 'kept');
    mkdirSync(kept);
    writeFileSync(join(kept, 'a'), '');
    mkdirSync(join(outputs, 'locked'));
    writeFileSync(join(outputs, 'locked/a'), '');
    symlinkSync(kept, join(outputs, 'link'));
    chmodSync(join(outputs, 'locked'), 0o500);
    await server.runner.stop(id);
    expect(await server.runner.deleteJobs({ ids: [id] })).toEqual([id]);
    expect(existsSync(outputs)).toBe(false);
    expect(existsSync(join(kept, 'a'))).toBe(true);
  });
});

describe('the log of a job', () => {
  const record = (text: string) => `2026-01-02T03:04:05.678901Z stdout F ${text}\n`;

  test('is downloaded as plain text, both generations, to be saved and not shown', async () => {
    const log = join(server.home, 'artifacts/logs', `${id}.log`);
    writeFileSync(`${log}.1`, record('first'));
    writeFileSync(log, record('<script>alert(1)</script>'));
    const { status, text, headers } = await get(`/jobs/${id}/log`);
    expect([status, text]).toEqual([200, 'first\n<script>alert(1)</script>\n']);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${id}.log"; filename*=UTF-8''${id}.log`,
      'x-content-type-options': 'nosniff',
    });
    const { data } = (await post(server, `{ job(id: "${id}") { logUrl } }`)).json();
    expect(data).toEqual({ job: { logUrl: `/jobs/${id}/log` } });
    expect((await get(`/jobs/${id}/log`, {}, 'HEAD')).text).toBe('');
    expect((await get(`/jobs/${id}/log`, {}, 'POST')).status).toBe(405);
    for (const other of ['job_1_00000000', '..', '%2e%2e']) expect((await get(`/jobs/${other}/log`)).status).toBe(404);
  });

  test('is empty before the job has printed anything', async () => {
    rmSync(join(server.home, 'artifacts/logs', `${id}.log`), { force: true });
    expect(await get(`/jobs/${id}/log`)).toMatchObject({ status: 200, text: '' });
  });

  test('is read only as fast as the client reads', async () => {
    const log = join(server.home, 'artifacts/logs', `${id}.log`);
    for (let megabytes = 0; megabytes < 60; megabytes += 1) appendFileSync(log, record('x'.repeat(10_000)).repeat(100));
    const asked = request({ host: '127.0.0.1', port: server.port, path: `/jobs/${id}/log`, agent: false });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const before = process.memoryUsage().rss;
    let received = 0;
    for await (const chunk of response) received += (chunk as Buffer).length;
    expect(received).toBe(60 * 100 * 10_001);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    // A client that leaves ends the reading.
    const leaving = request({ host: '127.0.0.1', port: server.port, path: `/jobs/${id}/log`, agent: false });
    leaving.end();
    const [begun] = (await once(leaving, 'response')) as [IncomingMessage];
    begun.destroy();
    await until('the log is closed', () => openFilesOf(log) === 0);
  });
});

/** Number of times that this process has a file open. */
function openFilesOf(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // Closed meanwhile.
    }
  }).length;
}

test('files and logs of jobs have the access rules of the API', async () => {
  await prepare({ settings: { tokens: [tokenOf('me', 'secret')] } });
  writeFileSync(join(outputs, 'a.txt'), 'secret');
  for (const path of [`/jobs/${id}/files/a.txt`, `/jobs/${id}/log`]) {
    expect((await get(path)).status).toBe(401);
    expect((await get(path, { authorization: 'Bearer secret' })).status).toBe(200);
    expect((await get(path, { authorization: 'Bearer secret', host: 'evil.example' })).status).toBe(403);
  }
});
