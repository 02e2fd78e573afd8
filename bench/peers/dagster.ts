import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import type { Followed } from './followed.ts';
import { startPeer } from './process.ts';

const JOB = 'dagster_job.py';
const LAUNCH = `mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}`;
const WATCH = `subscription ($runId: ID!) {
  pipelineRunLogs(runId: $runId) {
    ... on PipelineRunLogsSubscriptionSuccess { messages { __typename ... on MessageEvent { message } } }
  }
}`;

interface Logs {
  readonly pipelineRunLogs: { readonly messages?: readonly { readonly message?: string }[] };
}

/** Starts jobs with Dagster, launched at once by its server and without a queue, and follows their logs over its WebSocket. */
export async function followDagster(count: number): Promise<Followed> {
  const home = mkdtempSync(join(tmpdir(), 'dagster-'));
  cpSync(fileURLToPath(new URL(JOB, import.meta.url)), join(home, JOB));
  const coordinator = '{ module: dagster._core.run_coordinator, class: DefaultRunCoordinator }';
  writeFileSync(join(home, 'dagster.yaml'), `run_coordinator: ${coordinator}\ntelemetry: { enabled: false }\n`);
  const port = await freePort();
  const parameters = ['-f', join(home, JOB), '-h', '127.0.0.1', '-p', String(port)];
  const url = `http://127.0.0.1:${port}`;
  await using stack = new AsyncDisposableStack();
  stack.use(await startPeer('dagster-webserver', parameters, { DAGSTER_HOME: home }, `${url}/server_info`));

  const firsts: number[] = [];
  const delays: number[] = [];
  for (let run = 0; run < count; run += 1) {
    const requestedAt = Date.now();
    const runId = await launch(url);
    let first: number | undefined;
    for await (const { pipelineRunLogs } of subscribe(url, WATCH, { runId })) {
      const now = performance.timeOrigin + performance.now();
      const texts = (pipelineRunLogs.messages ?? []).map(({ message }) => message ?? '');
      const times = texts.filter((text) => text.startsWith('at ')).map((text) => Number(text.slice(3)) * 1000);
      if (times.length > 0) first ??= now - requestedAt;
      delays.push(...times.map((at) => now - at));
      if (texts.some((text) => /^Finished execution of run|Execution of run .* failed/.test(text))) break;
    }
    if (first === undefined) throw new Error('A run of Dagster has logged nothing.');
    firsts.push(first);
  }
  return { firsts, delays };
}

async function launch(url: string): Promise<string> {
  const selector = { repositoryName: '__repository__', repositoryLocationName: JOB, pipelineName: 'training' };
  const params = { selector, mode: 'default', runConfigData: {} };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: LAUNCH, variables: { params } }),
  });
  const answer = (await response.json()) as { data?: { launchRun?: { run?: { runId: string } } } };
  const runId = answer.data?.launchRun?.run?.runId;
  if (runId === undefined) throw new Error(`Dagster did not launch the run: ${JSON.stringify(answer)}`);
  return runId;
}

/** A subscription in the protocol of Dagster's server, `subscriptions-transport-ws`. */
async function* subscribe(url: string, query: string, variables: object): AsyncGenerator<Logs> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-ws');
  const received: (Logs | null)[] = [];
  let wake = () => {};
  const push = (logs: Logs | null) => {
    received.push(logs);
    wake();
  };
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: {} }));
    socket.send(JSON.stringify({ id: '1', type: 'start', payload: { query, variables } }));
  });
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { type: string; payload?: { data?: Logs | null } };
    if (message.type === 'data' && message.payload?.data) push(message.payload.data);
  });
  socket.addEventListener('close', () => push(null));
  socket.addEventListener('error', () => push(null));
  try {
    for (;;) {
      while (received.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      const logs = received.shift();
      if (!logs) throw new Error("The connection to Dagster's server has ended.");
      yield logs;
    }
  } finally {
    socket.close();
  }
}
