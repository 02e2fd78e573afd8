import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { unwrapResult } from '../../src/cli/api/unwrap-result.ts';
import { type Api, createApi } from '../../src/cli/api/create-api.ts';
import { ApiError } from '../../src/cli/api/errors.ts';
import { RESULT, WATCH } from '../../src/cli/api/operations/jobs.ts';
import { START } from '../../src/cli/api/operations/training.ts';
import { pythonPaths } from '../../src/cli/environment/paths.ts';
import {
  describeEnvironment,
  type PythonEnvironment,
  variablesFor,
} from '../../src/cli/environment/python-environment.ts';
import { setUp } from '../../src/cli/environment/set-up.ts';
import { createSetUpOutput } from '../../src/cli/environment/set-up-output.ts';
import type { JobResultFragment, ProgressMessageFragment, StartTrainingInput } from '../../src/cli/graphql/graphql.ts';
import { formatBytes } from '../../src/cli/terminal/format.ts';
import type { Screen } from '../../src/cli/terminal/screen.ts';
import { createTrainingView } from '../../src/cli/training-view.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { placeDataset } from './dataset.ts';
import type { DemoFlags } from './flags.ts';
import { findFreePort } from './free-port.ts';
import { formatTable, predictFirstRows } from './prediction.ts';
import { startServerProcess } from './server-process.ts';

const DEFAULT_PORT = 4000;
const PREDICTED_ROWS = 5;

/**
 * Runs the demo, from the set-up to the end of the server.
 * @returns the exit code
 * @throws UsageError, NoPythonError, ServerEndedError, ApiError, and `signal.reason` when interrupted before the training ended
 */
export async function runDemo(flags: DemoFlags, screen: Screen, signal: AbortSignal): Promise<number> {
  const paths = pythonPaths();
  const home = resolve(process.env['TRAINYARD_HOME'] || process.cwd());
  // npm runs scripts in the repository. INIT_CWD is the user's folder, to which their paths are relative.
  const folder = process.env['INIT_CWD'] ?? process.cwd();
  if (process.env['TRAINYARD_TOKENS_FILE']) {
    throw new UsageError(
      'The demo connects to its own server without a token. Unset TRAINYARD_TOKENS_FILE, or use "npm start".',
    );
  }
  // Before the set-up, so that a typing error shows before a long download.
  const dataset = flags.dataset === null ? null : await placeDataset(flags.dataset, { folder, home });
  if (dataset?.copied === true) screen.print(`Copied ${flags.dataset ?? ''} to datasets/${dataset.name}.`);

  const python = await prepare(screen, signal);
  const host = process.env['TRAINYARD_HOST'] || '127.0.0.1';
  await using server = await startServerProcess({
    root: paths.root,
    host,
    port: await choosePort(flags, host, screen),
    environment: {
      ...variablesFor(python.python, paths),
      TRAINYARD_LOG_LEVEL: process.env['TRAINYARD_LOG_LEVEL'] || 'warn',
    },
    onLine: (line) => screen.print(screen.style('dim', line)),
    signal,
  });
  const ended = AbortSignal.any([signal, server.ended]);
  const api = createApi({ url: server.url, signal: ended });
  const input = startInput(flags, dataset?.name ?? null);
  const { id, progress } = unwrapResult((await api.request(START, { input })).startTraining).job;
  screen.print(`${screen.style('bold', 'Training')} ${id} through ${server.url}/graphql`);
  try {
    await follow(api, id, progress, screen);
  } catch (error) {
    if (signal.aborted)
      screen.print(`Stopping the server. Job ${id} continues to run; "npm start" starts a server that shows it.`);
    throw error;
  }
  const { job: result } = await api.request(RESULT, { id });
  if (result === null) throw new ApiError(`Job ${id} does not exist.`, null);
  await showResult(result, { id, home, root: paths.root, python, screen, signal: ended });
  if (flags.once) return result.status === 'COMPLETED' ? 0 : 1;

  showAddresses(server.url, screen);
  await untilAborted(ended);
  if (!signal.aborted) throw server.ended.reason;
  screen.print('Stopping the server. Running jobs continue.');
  return 0;
}

async function prepare(screen: Screen, signal: AbortSignal): Promise<PythonEnvironment> {
  using output = createSetUpOutput(screen);
  try {
    const python = await setUp({ paths: pythonPaths(), extras: ['torch'], output, signal });
    output.info(describeEnvironment(python));
    return python;
  } catch (error) {
    if (signal.aborted) output.info('Interrupted. Run the same command again to continue.');
    throw error;
  }
}

/** Selects the port. An explicit port is used even if the server then cannot start; only the default may change. */
async function choosePort(flags: DemoFlags, host: string, screen: Screen): Promise<number> {
  const explicit = flags.port ?? (process.env['TRAINYARD_PORT'] ? Number(process.env['TRAINYARD_PORT']) : null);
  if (explicit !== null && explicit !== 0) return explicit;
  const port = await findFreePort(host, explicit ?? DEFAULT_PORT);
  if (explicit === null && port !== DEFAULT_PORT) screen.print(`Port ${DEFAULT_PORT} is in use; using ${port}.`);
  return port;
}

function startInput(flags: DemoFlags, dataset: string | null): StartTrainingInput {
  const { name, backend, epochs, batchSize, learningRate, seed, options } = flags;
  const input = { name: name ?? 'demo', dataset, backend, epochs, batchSize, learningRate, seed, options };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

async function follow(api: Api, id: string, first: ProgressMessageFragment, screen: Screen): Promise<void> {
  using view = createTrainingView(screen);
  view.show(first);
  // Continues after the response to the start, so that it misses no change of status.
  for await (const { jobProgress } of api.subscribe(WATCH, { id, after: first.cursor })) view.show(jobProgress);
}

interface ResultContext {
  readonly id: string;
  readonly home: string;
  readonly root: string;
  readonly python: PythonEnvironment;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

async function showResult(result: JobResultFragment, context: ResultContext): Promise<void> {
  const { id, home, screen } = context;
  const { checkpoint, failure, simulation } = result;
  if (failure !== null) {
    screen.print(screen.style('red', `The training failed (${failure.reason}): ${failure.message}`));
    screen.print(`Log: ${join(home, 'artifacts', 'logs', `${id}.log`)}`);
  }
  if (checkpoint === null) return;
  if (simulation) {
    screen.print(screen.style('yellow', 'This was a simulation: the metrics are not real, and there is no model.'));
    screen.print(`Placeholder file: ${join(home, checkpoint.path)}`);
    return;
  }
  const safetensors = checkpoint.safetensorsPath === null ? '' : ` and ${checkpoint.safetensorsPath}`;
  screen.print(`Model: ${join(home, checkpoint.path)} (${formatBytes(checkpoint.bytes)})${safetensors}`);
  if (result.dataset !== null) {
    await showPredictions(checkpoint.safetensorsPath ?? checkpoint.path, result.dataset, context);
  }
}

async function showPredictions(model: string, dataset: string, context: ResultContext): Promise<void> {
  const { home, root, python, screen, signal } = context;
  try {
    const table = await predictFirstRows({
      python: python.python,
      root,
      model: join(home, model),
      dataset: join(home, 'datasets', dataset),
      rows: PREDICTED_ROWS,
      signal,
    });
    screen.print(`Predictions for the first rows of ${dataset}:`);
    for (const line of formatTable(table)) screen.print(`  ${line}`);
  } catch (error) {
    signal.throwIfAborted();
    screen.print(screen.style('yellow', `The predictions failed: ${(error as Error).message}`));
  }
}

function showAddresses(url: string, screen: Screen): void {
  screen.print();
  screen.print(`Monitor (start, watch and stop in the browser)    ${screen.style('bold', url)}`);
  screen.print(`GraphiQL (try the API in the browser)             ${url}/graphql`);
  screen.print(`GraphQL over HTTP, SSE and WebSocket              ${url}/graphql`);
  screen.print('Press Ctrl-C to stop the server.');
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
