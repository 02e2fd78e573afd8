import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, PYTHON, reach } from '../support/runner.ts';
import { HAS_TORCH } from '../support/torch.ts';
import { ask, codesOf, post, serve, type TestServer } from './support.ts';

const HAS_ONNX = HAS_TORCH && spawnSync(PYTHON, ['-c', 'import onnx']).status === 0;

const folderOf = ({ home }: TestServer) => join(home, 'artifacts', 'staging', 'onnx');

const left = (server: TestServer) => (existsSync(folderOf(server)) ? readdirSync(folderOf(server)) : []);

async function onnxUrl(server: TestServer, id: string): Promise<unknown> {
  const { data } = (await post(server, `{ job(id: "${id}") { checkpoint { onnxUrl } } }`)).json();
  return (data?.['job'] as { checkpoint: { onnxUrl: unknown } }).checkpoint.onnxUrl;
}

async function train(server: TestServer): Promise<string> {
  const { id } = await server.runner.start({ backend: 'TORCH', epochs: 3 });
  expect((await reach(server.runner, id, ended)).state.status).toBe('COMPLETED');
  return id;
}

test('a job without a model, or no job, has no export', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const { id } = await server.runner.start({ backend: 'SIMULATION', epochs: 1 });
  await reach(server.runner, id, ended);
  expect(await onnxUrl(server, id)).toBeNull();
  const simulated = await ask(server, { path: `/models/${id}.onnx` });
  expect([simulated.status, codesOf(simulated.json())]).toEqual([409, ['MODEL_UNAVAILABLE']]);
  for (const name of ['job_1_00000000', '..%2Fa', '']) {
    const { status, json } = await ask(server, { path: `/models/${name}.onnx` });
    expect([status, codesOf(json())]).toEqual([404, ['JOB_NOT_FOUND']]);
  }
});

test.skipIf(!HAS_ONNX)('the model of a job is downloaded as ONNX', { timeout: 300_000 }, async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const id = await train(server);
  const url = await onnxUrl(server, id);
  expect(url).toBe(`/models/${id}.onnx`);
  const download = async () => {
    const response = await fetch(`${server.url}/models/${id}.onnx`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toContain(`filename="${id}.onnx"`);
    return Buffer.from(await response.arrayBuffer());
  };
  const [content, other] = await Promise.all([download(), download()]);
  expect(content.length).toBeGreaterThan(1000);
  expect(other.equals(content)).toBe(true);
  const code = 'import onnx, sys; onnx.checker.check_model(onnx.load_from_string(sys.stdin.buffer.read()))';
  expect(spawnSync(PYTHON, ['-c', code], { input: content }).status).toBe(0);
  await expect.poll(() => left(server)).toEqual([]);
});

test.skipIf(!HAS_TORCH)('an abandoned export ends and leaves nothing behind', { timeout: 300_000 }, async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const id = await train(server);
  mkdirSync(join(folderOf(server), 'export-of-a-killed-server'), { recursive: true });
  const client = new AbortController();
  const download = fetch(`${server.url}/models/${id}.onnx`, { signal: client.signal });
  await expect.poll(() => left(server)).toEqual([expect.stringMatching(/^export-.{6}$/)]);
  client.abort();
  await expect(download).rejects.toThrow();
  await expect.poll(() => left(server)).toEqual([]);
  // Another one, which waits for the first, is not held up by it.
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [first, second].map(({ signal }) => server.runner.exportOnnx(id, signal));
  await expect.poll(() => left(server).length).toBe(1);
  second.abort(new Error('enough'));
  await expect(waiting[1]).rejects.toThrow('enough');
  first.abort(new Error('enough'));
  await expect(waiting[0]).rejects.toThrow('enough');
  await expect.poll(() => left(server)).toEqual([]);
});

test.skipIf(!HAS_TORCH || HAS_ONNX)(
  'without onnx, the download says what to install',
  { timeout: 300_000 },
  async () => {
    const server = await serve({ runner: { maxRunning: 1 } });
    const id = await train(server);
    const { status, json } = await ask(server, { path: `/models/${id}.onnx` });
    expect([status, codesOf(json())]).toEqual([503, ['TRAINER_UNAVAILABLE']]);
    expect(JSON.stringify(json())).toContain("pip install 'onnx");
    expect(left(server)).toEqual([]);
  },
);
