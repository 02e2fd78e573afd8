import { availableParallelism } from 'node:os';
import { createRunner, findGpus, HomeInUseError, isDiskFull, type Runner, unavailability } from './runner/index.ts';
import { createLogger, type Logger } from './server/logger.ts';
import { createMetrics } from './server/metrics/metrics.ts';
import type { Tracing } from './server/tracing/open-telemetry.ts';
import { startTracing } from './server/tracing/tracing.ts';
import { type RunningServer, startServer } from './server/server.ts';
import { findExposedFiles } from './settings/exposed-files.ts';
import { readSettings, type Settings, SettingsError } from './settings/settings.ts';

/** Exit codes by shell convention: an invalid setting is a usage error. */
const FAILURE = 1;
const USAGE_ERROR = 2;
/** https://www.sqlite.org/rescode.html */
const SQLITE_READONLY = 8;
const DAY_MS = 24 * 60 * 60 * 1000;
const signalCode = { SIGINT: 130, SIGTERM: 143 } as const;

// All that the server writes is its user's: tables, models, logs, and the socket.
process.umask(0o077);

await main();

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const logger = createLogger(settings.logLevel);
  for (const { setting, path } of findExposedFiles(process.env)) {
    logger.warn(
      { file: path },
      `other users of this machine can read or change the file that ${setting} names. Set its mode to 600`,
    );
  }
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'unhandled promise rejection: this is a bug, and the server stops');
    exit(logger, FAILURE);
  });

  let runner: Runner | undefined;
  let server: RunningServer | undefined;
  let tracing: Tracing | null = null;
  const stopping = new AbortController();
  const close = async () => {
    await server?.[Symbol.asyncDispose]();
    await runner?.[Symbol.asyncDispose]();
    await tracing?.[Symbol.asyncDispose]();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) exit(logger, signalCode[signal]);
      stopping.abort();
      logger.info(
        { signal },
        'stopping: jobs keep running, and the next server adopts them; send the signal again to stop immediately',
      );
      close().then(
        () => exit(logger, 0),
        (error: unknown) => {
          logger.error({ err: error }, 'shutdown failed');
          exit(logger, FAILURE);
        },
      );
    });
  }

  // Without tokens, SIGHUP ends the server as usual, for example when its terminal is closed.
  if (settings.tokensFile !== null || settings.jwt !== null) process.on('SIGHUP', () => server?.reloadTokens());

  try {
    const gpus = await findGpus();
    const maxRunning = settings.maxRunning ?? Math.max(2, gpus.length || availableParallelism());
    const retentionMs = settings.retentionDays === null ? null : settings.retentionDays * DAY_MS;
    const metrics = createMetrics();
    tracing = await startTracing(process.env, logger);
    const listeners = tracing ? [metrics.listener, tracing.listener] : [metrics.listener];
    runner = createRunner({ ...settings, maxRunning, gpus, retentionMs, logger, listeners });
    const { startsPerMinute, uploadsPerMinute, requestsPerMinute } = settings;
    const limits = {
      uploadBytes: settings.maxUploadBytes,
      startsPerMinute,
      uploadsPerMinute,
      requestsPerMinute,
      subscriptions: settings.maxSubscriptions,
    };
    server = await startServer({ settings, runner, logger, limits, metrics, tracing });
    const url = settings.socket === null ? `${server.url}/graphql` : server.url;
    logger.info({ url, monitor: server.url, home: settings.home }, 'listening');
    await runner.ready;
    logger.info({ python: settings.python, maxRunning, gpus: gpus.length }, 'ready');
    await warnOfSimulations(runner, logger);
  } catch (error) {
    // A shutdown during startup makes the startup fail.
    if (stopping.signal.aborted) return;
    const sentence = explain(error, settings);
    if (sentence === null) logger.fatal({ err: error }, 'startup failed');
    else logger.fatal(sentence);
    await close().catch(() => {});
    exit(logger, FAILURE);
  }
}

/** Users who expect models should see at startup that the server can only simulate. */
async function warnOfSimulations(runner: Runner, logger: Logger): Promise<void> {
  const trainers = await runner.trainers();
  if (trainers.some(({ available, backends }) => available && backends.includes('TORCH'))) return;
  const reason = unavailability('tabular', 'TORCH', trainers);
  const canSimulate = trainers.some(({ available }) => available);
  logger.warn(
    {},
    `${canSimulate ? 'jobs run as simulations' : 'no trainer is available'}: ${reason ?? 'no trainer has PyTorch.'}`,
  );
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // The log level may be the invalid setting, so this does not use the logger.
    process.stderr.write(`${error.message}\n`);
    process.exit(USAGE_ERROR);
  }
}

/** Explains an expected startup failure and what to do; null for any other error. */
function explain(error: unknown, { host, port, socket, home }: Settings): string | null {
  if (error instanceof HomeInUseError) return error.message;
  const { code, syscall, errcode } = error as { code?: unknown; syscall?: unknown; errcode?: unknown };
  // Node reports ENOENT if it cannot create a folder on a read-only file system.
  if (
    code === 'EROFS' ||
    code === 'EPERM' ||
    errcode === SQLITE_READONLY ||
    (code === 'ENOENT' && syscall === 'mkdir')
  ) {
    return `The folder ${home} is not writable. Set TRAINYARD_HOME to a writable folder.`;
  }
  if (isDiskFull(error)) {
    return `The disk that holds the folder ${home} is full. Free some space, or set TRAINYARD_HOME to a folder on another disk.`;
  }
  switch (code) {
    case 'EADDRINUSE':
      if (socket !== null)
        return `${socket} is already in use. Stop the server that listens there, or set TRAINYARD_SOCKET to another path.`;
      return `Port ${port} is already in use on ${host}. Stop the program that uses it, or set TRAINYARD_PORT to another port (0 selects a free one).`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine does not have the address ${host}. Set TRAINYARD_HOST to an address of this machine, for example 127.0.0.1.`;
    case 'EACCES':
      return port > 0 && port < 1024
        ? `Port ${port} requires root privileges. Set TRAINYARD_PORT to 1024 or higher.`
        : `The folder ${home} is not writable. Set TRAINYARD_HOME to a writable folder.`;
    default:
      return null;
  }
}

/** The only exit, so that the last log lines are always flushed. */
function exit(logger: Logger, code: number): never {
  logger.flush();
  process.exit(code);
}
