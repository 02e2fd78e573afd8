import { isMainThread } from 'node:worker_threads';
import { killProcessesOf } from './processes-of-home.ts';

// Tests load this into their servers with `--import`. The standard input of such a server is a pipe from the process of the test, which the kernel
// closes when that process ends, in whatever way: a test that reaches its time limit or is interrupted never disposes its server.
const home = process.env['TRAINYARD_HOME'];
if (isMainThread && home !== undefined) {
  process.stdin.on('close', () => {
    killProcessesOf(home);
    process.kill(process.pid, 'SIGKILL');
  });
  process.stdin.on('error', () => undefined);
  process.stdin.resume();
  // It does not keep the server running.
  if ('unref' in process.stdin) process.stdin.unref();
}
