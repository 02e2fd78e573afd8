import type { Command } from 'commander';

/** A flag of the server, the environment variable that it stands for, and its meaning. */
export const SETTING_FLAGS = [
  ['--home <folder>', 'TRAINYARD_HOME', 'where all files lie (default: the current folder)'],
  ['--host <address>', 'TRAINYARD_HOST', 'address to listen on (default: 127.0.0.1)'],
  ['-p, --port <n>', 'TRAINYARD_PORT', 'port to listen on, 0 for any free one (default: 4000)'],
  ['--python <path>', 'TRAINYARD_PYTHON', 'the Python that trains'],
  ['--max-running <n>', 'TRAINYARD_MAX_RUNNING', 'trainings at once (default: GPUs, else cores, at least 2)'],
  ['--max-queued <n>', 'TRAINYARD_MAX_QUEUED', 'trainings that may wait (default: 1000)'],
  ['--retention-days <n>', 'TRAINYARD_RETENTION_DAYS', 'delete ended jobs after so many days (default: never)'],
  ['--tokens-file <file>', 'TRAINYARD_TOKENS_FILE', 'who may use the API (default: everybody on this machine)'],
  ['--webhooks-file <file>', 'TRAINYARD_WEBHOOKS_FILE', 'who is told of the end of jobs (default: nobody)'],
  ['--allowed-origins <list>', 'TRAINYARD_ALLOWED_ORIGINS', 'web pages of other origins that may use the API'],
  ['--allowed-hosts <list>', 'TRAINYARD_ALLOWED_HOSTS', 'host names besides the loopback ones'],
  ['--max-upload-bytes <n>', 'TRAINYARD_MAX_UPLOAD_BYTES', 'how large an uploaded dataset may be (default: 10 GiB)'],
  ['--log-level <level>', 'TRAINYARD_LOG_LEVEL', 'silent, fatal, error, warn, info, debug or trace (default: info)'],
] as const;

type Variable = (typeof SETTING_FLAGS)[number][1];

/** Adds a flag for each of the named settings, or for all. */
export function addSettingFlags(command: Command, only?: readonly Variable[]): Command {
  for (const [flag, variable, meaning] of SETTING_FLAGS) {
    if (only === undefined || only.includes(variable)) command.option(flag, meaning);
  }
  return command;
}

/** The environment with what the flags of {@link addSettingFlags} say in the place of what it said. */
export function withSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const given = SETTING_FLAGS.flatMap(([flag, variable]) => {
    const value = flags[attributeOf(flag)];
    return typeof value === 'string' ? [[variable, value] as const] : [];
  });
  return { ...environment, ...Object.fromEntries(given) };
}

/** As commander calls it: `--max-running <n>` is `maxRunning`. */
function attributeOf(flag: string): string {
  const name = /--([\w-]+)/.exec(flag)?.[1] ?? '';
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
