/**
 * Trainyard as a library: `createRunner` runs training jobs in a home folder, and `startServer` serves a runner over GraphQL.
 *
 * ```ts
 * import { createLogger, createRunner, readSettings, startServer } from 'trainyard';
 *
 * const settings = readSettings({ TRAINYARD_HOME: '/srv/lab', TRAINYARD_PORT: '4000' });
 * const logger = createLogger('info');
 * await using runner = createRunner({ ...settings, maxRunning: 2, logger });
 * await using server = await startServer({ settings, runner, logger });
 * ```
 */
export * from './runner/index.ts';
export { createLogger } from './server/logger.ts';
export { type RunningServer, type ServerOptions, startServer } from './server/server.ts';
export { readSettings, type Settings, SettingsError } from './settings/settings.ts';
