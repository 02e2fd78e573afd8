import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import { identityOf, readBootId } from '../../src/runner/launchers/local/identity.ts';
import { recordRunningJobs } from './fleet-home.ts';
import { temporaryHome } from './home.ts';
import { PYTHON } from './runner.ts';
import { startTestServer } from './server-process.ts';

const PYTHON_PACKAGES = fileURLToPath(new URL('../../python', import.meta.url));
const SUPERVISE = `
import sys
from trainyard.files import Home
from trainyard.supervisor.supervise import supervise
sys.exit(supervise(Home(sys.argv[1]), sys.argv[2], 1, [sys.executable, "-c", sys.argv[3]]))
`;

/** A server over two jobs, one of which runs this script as its trainer, under a supervisor. */
export async function serveScript(script: string) {
  const home = temporaryHome();
  const self = (await identityOf(process.pid, readBootId())) as ProcessIdentity;
  const [id = '', other = ''] = recordRunningJobs(home, 2, self);
  const spec = join(home, 'artifacts/specs', `${id}.json`);
  mkdirSync(join(home, 'artifacts/specs'), { recursive: true });
  writeFileSync(spec, JSON.stringify({ version: 1, job_id: id }));
  const server = await startTestServer({ home });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const supervisor = spawn(PYTHON, ['-c', SUPERVISE, home, id, script], {
    env: { ...process.env, PYTHONPATH: PYTHON_PACKAGES },
    stdio: 'ignore',
  });
  const ended = once(supervisor, 'exit');
  onTestFinished(async () => {
    if (supervisor.exitCode === null) supervisor.kill('SIGKILL');
    await ended;
  });
  return { url: server.url, home, id, other };
}
