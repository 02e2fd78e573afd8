import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from '../src/runner/job/reports.ts';
import { identityOf, readBootId } from '../src/runner/launchers/local/identity.ts';
import { PYTHON } from '../test/support/runner.ts';

/** A home whose running jobs all report from one process, which stands for their trainers and supervisors. */
export interface ReportingJobs extends Disposable {
  readonly home: string;
  /** The process that the jobs belong to: see `recordRunningJobs`. */
  readonly identity: ProcessIdentity;
  /** Starts the reports of these jobs. Call it once, when they are in the database. */
  report(ids: readonly string[]): void;
  /** Stops all reports, as if every trainer were suspended. */
  suspend(): void;
}

/** @param perSecond reports of each job a second */
export async function createReportingJobs(perSecond: number): Promise<ReportingJobs> {
  const home = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  // Its command line names the home, so that it is ended with the server's jobs.
  const reporter = spawn(PYTHON, [fileURLToPath(new URL('report_jobs.py', import.meta.url)), home, String(perSecond)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const dispose = () => {
    reporter.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  try {
    await once(reporter.stdout, 'data');
    const identity = await identityOf(reporter.pid ?? 0, readBootId());
    if (!identity) throw new Error('the reporting process is gone');
    return {
      home,
      identity,
      report: (ids) => void reporter.stdin.write(`${ids.join(' ')}\n`),
      suspend: () => void reporter.kill('SIGSTOP'),
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}
