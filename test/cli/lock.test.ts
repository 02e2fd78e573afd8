import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { acquireLock } from '../../src/cli/environment/lock.ts';
import { temporaryHome } from '../support/home.ts';

const LOCK_MODULE = fileURLToPath(new URL('../../src/cli/environment/lock.ts', import.meta.url));

test('a lock has one holder at a time; the next one waits, calls onWait once, and then gets it', async () => {
  const path = join(temporaryHome(), 'deep', 'lock');
  const order: string[] = [];
  const first = await acquireLock(path);
  let waits = 0;
  const isWaiting = Promise.withResolvers<undefined>();
  const second = acquireLock(path, {
    onWait() {
      waits += 1;
      isWaiting.resolve(undefined);
    },
  }).then((lock) => {
    order.push('second');
    return lock;
  });
  await isWaiting.promise;
  order.push('first releases');
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  expect(order).toEqual(['first releases', 'second']);
  expect(waits).toBe(1);
});

test('the lock of a killed process is released', async () => {
  const path = join(temporaryHome(), 'lock');
  const script = `const { acquireLock } = await import(${JSON.stringify(LOCK_MODULE)});
    globalThis.lock = await acquireLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');

  const waiting = Promise.withResolvers<undefined>();
  const lock = acquireLock(path, { onWait: () => waiting.resolve(undefined) });
  await waiting.promise;
  holder.kill('SIGKILL');
  (await lock)[Symbol.dispose]();
});

test('waiting for a lock ends when it is aborted', async () => {
  const path = join(temporaryHome(), 'lock');
  using cleanup = new DisposableStack();
  cleanup.use(await acquireLock(path));
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = acquireLock(path, { signal: controller.signal, onWait: () => controller.abort(reason) });
  await expect(waiting).rejects.toBe(reason);
});
