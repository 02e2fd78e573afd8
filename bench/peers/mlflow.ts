import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { programOf } from './environment.ts';
import { startPeer } from './process.ts';

const PROGRAM = fileURLToPath(new URL('mlflow_runs.py', import.meta.url));

/** MLflow's server with some finished runs in SQLite. */
export interface MlflowServer extends AsyncDisposable {
  /** Requests a page of runs, newest first or by a metric. */
  page(size: number, orderBy: 'CREATED_AT' | 'METRIC'): Promise<void>;
}

export async function startMlflow(runs: number): Promise<MlflowServer> {
  const home = mkdtempSync(join(tmpdir(), 'mlflow-'));
  const uri = `sqlite:///${join(home, 'mlflow.db')}`;
  execFileSync(programOf('python'), [PROGRAM, uri, String(runs)], { stdio: ['ignore', 'ignore', 'pipe'], cwd: home });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const parameters = ['server', '--backend-store-uri', uri, '--host', '127.0.0.1', '--port', String(port)];
  const server = await startPeer('mlflow', [...parameters, '--workers', '1'], { HOME: home }, `${url}/health`);
  return {
    async page(size, orderBy) {
      const response = await fetch(`${url}/api/2.0/mlflow/runs/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          experiment_ids: ['0'],
          max_results: size,
          order_by: orderBy === 'METRIC' ? ['metrics.val_loss ASC'] : [],
        }),
      });
      const answer = (await response.json()) as { runs?: readonly unknown[] };
      if (answer.runs?.length !== size) throw new Error(`MLflow answered with ${answer.runs?.length ?? 'no'} runs.`);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
