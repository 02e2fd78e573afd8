import { availableParallelism } from 'node:os';
import { createRunner, findGpus, HomeInUseError, isDiskFull, type Runner, unavailability } from './runner/index.ts';
import { createLogger, type Logger } from './server/logger.ts';
import { createMetrics } from './server/metrics/metrics.ts';
import type { Tracing } from './server/tracing/open-telemetry.ts';
import { startTracing } from './server/tracing/tracing.ts';
import { type RunningServer, startServer } from './server/server.ts';
import { readSettings, type Settings, SettingsError } from './settings/settings.ts';

/** Exit codes, as shells expect them: a wrong setting is a wrong use. */
const FAILURE = 1;
const WRONG_USE = 2;
/** https://www.sqlite.org/rescode.html */
const SQLITE_READONLY = 8;
const DAY_MS = 24 * 60 * 60 * 1000;
const signalCode = { SIGINT: 130, SIGTERM: 143 } as const;

await main();

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const logger = createLogger(settings.logLevel);
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'a promise was rejected and nobody cared; this is a bug, and the server stops');
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
        'stopping; jobs go on, and the next server finds them. The same signal again stops at once',
      );
      close().then(
        () => exit(logger, 0),
        (error: unknown) => {
          logger.error({ err: error }, 'could not stop cleanly');
          exit(logger, FAILURE);
        },
      );
    });
  }

  // Without a tokens file, SIGHUP ends the server as usual, for example when its terminal is closed.
  if (settings.tokensFile !== null) process.on('SIGHUP', () => server?.reloadTokens());

  try {
    const gpus = await findGpus();
    const maxRunning = settings.maxRunning ?? Math.max(2, gpus.length || availableParallelism());
    const retentionMs = settings.retentionDays === null ? null : settings.retentionDays * DAY_MS;
    const metrics = createMetrics();
    tracing = await startTracing(process.env, logger);
    const listeners = tracing ? [metrics.listener, tracing.listener] : [metrics.listener];
    runner = createRunner({ ...settings, maxRunning, gpus, retentionMs, logger, listeners });
    const limits = { uploadBytes: settings.maxUploadBytes };
    server = await startServer({ settings, runner, logger, limits, metrics, tracing });
    logger.info({ url: `${server.url}/graphql`, monitor: server.url, home: settings.home }, 'listening');
    await runner.ready;
    logger.info({ python: settings.python, maxRunning, gpus: gpus.length }, 'ready');
    await warnOfSimulations(runner, logger);
  } catch (error) {
    // Closing while it was still starting makes the start fail.
    if (stopping.signal.aborted) return;
    const sentence = explain(error, settings);
    if (sentence === null) logger.fatal({ err: error }, 'could not start');
    else logger.fatal(sentence);
    await close().catch(() => {});
    exit(logger, FAILURE);
  }
}

/** Somebody who wants models should learn from the start that there will be none. */
async function warnOfSimulations(runner: Runner, logger: Logger): Promise<void> {
  const trainers = await runner.trainers();
  if (trainers.some(({ available, backends }) => available && backends.includes('TORCH'))) return;
  const reason = unavailability('tabular', 'TORCH', trainers);
  const trains = trainers.some(({ available }) => available);
  logger.warn(
    {},
    `${trains ? 'trainings are simulations' : 'nothing can be trained'}: ${reason ?? 'no trainer has PyTorch.'}`,
  );
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // The log level itself may be what is wrong, so this does not go through the log.
    process.stderr.write(`${error.message}\n`);
    process.exit(WRONG_USE);
  }
}

/** What to do about a failure to start, in a sentence; null when it is not one that people are expected to meet. */
function explain(error: unknown, { host, port, home }: Settings): string | null {
  if (error instanceof HomeInUseError) return error.message;
  const { code, syscall, errcode } = error as { code?: unknown; syscall?: unknown; errcode?: unknown };
  // Node says ENOENT where a folder cannot be made on a file system that is mounted read-only.
  if (
    code === 'EROFS' ||
    code === 'EPERM' ||
    errcode === SQLITE_READONLY ||
    (code === 'ENOENT' && syscall === 'mkdir')
  ) {
    return `The folder ${home} cannot be written. Set TRAINYARD_HOME to one that can.`;
  }
  if (isDiskFull(error)) {
    return `The disk with the folder ${home} is full. Free some space, or set TRAINYARD_HOME to a folder elsewhere.`;
  }
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use on ${host}. Stop what uses it, or set TRAINYARD_PORT to another port (0 takes any free one).`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${host}. Set TRAINYARD_HOST to one that it has, for example 127.0.0.1.`;
    case 'EACCES':
      return port > 0 && port < 1024
        ? `Port ${port} is reserved for the system. Set TRAINYARD_PORT to 1024 or more.`
        : `The folder ${home} cannot be written. Set TRAINYARD_HOME to one that can.`;
    default:
      return null;
  }
}

/** The only way out, so that the last lines of the log are never lost. */
function exit(logger: Logger, code: number): never {
  logger.flush();
  process.exit(code);
}
