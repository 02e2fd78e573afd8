import type { Command } from 'commander';

/** Flags of `serve`: the flag, the environment variable that it sets, and its description. */
export const SETTING_FLAGS = [
  ['--home <folder>', 'TRAINYARD_HOME', 'folder of all files (default: the current folder)'],
  ['--host <address>', 'TRAINYARD_HOST', 'address to listen on (default: 127.0.0.1)'],
  ['-p, --port <n>', 'TRAINYARD_PORT', 'port to listen on, 0 for a free one (default: 4000)'],
  ['--socket <path>', 'TRAINYARD_SOCKET', 'Unix socket to listen on instead of a port'],
  ['--tls-cert <file>', 'TRAINYARD_TLS_CERT', 'TLS certificate with its issuers, PEM (default: plain HTTP)'],
  ['--tls-key <file>', 'TRAINYARD_TLS_KEY', 'private key of the TLS certificate, PEM'],
  ['--trust-proxy <list>', 'TRAINYARD_TRUST_PROXY', 'reverse proxies whose X-Forwarded headers are used'],
  ['--python <path>', 'TRAINYARD_PYTHON', 'Python interpreter for trainings'],
  ['--trainers <folder>', 'TRAINYARD_TRAINERS', 'folder of training scripts (default: trainers/ in the home folder)'],
  ['--trainer-env <list>', 'TRAINYARD_TRAINER_ENV', 'more environment variables for trainings, for example WANDB_*'],
  ['--launcher <name>', 'TRAINYARD_LAUNCHER', 'where jobs run: local or slurm (default: local)'],
  ['--slurm-partitions <list>', 'TRAINYARD_SLURM_PARTITIONS', 'partitions that users may choose (default: none)'],
  ['--slurm-accounts <list>', 'TRAINYARD_SLURM_ACCOUNTS', 'accounts of Slurm that users may choose (default: none)'],
  ['--slurm-qos <list>', 'TRAINYARD_SLURM_QOS', 'qualities of service that users may choose (default: none)'],
  ['--slurm-constraints <list>', 'TRAINYARD_SLURM_CONSTRAINTS', 'features that users may require (default: none)'],
  ['--slurm-gpu-types <list>', 'TRAINYARD_SLURM_GPU_TYPES', 'kinds of GPUs that users may choose (default: none)'],
  ['--slurm-max-nodes <n>', 'TRAINYARD_SLURM_MAX_NODES', 'maximum number of nodes of a job (default: 1)'],
  ['--warm-start <on|off>', 'TRAINYARD_WARM_START', 'start jobs from a process with imported libraries (default: off)'],
  [
    '--max-running <n>',
    'TRAINYARD_MAX_RUNNING',
    'maximum number of running jobs (default: GPUs, else cores, at least 2)',
  ],
  ['--max-queued <n>', 'TRAINYARD_MAX_QUEUED', 'maximum number of queued jobs (default: 1000)'],
  ['--retention-days <n>', 'TRAINYARD_RETENTION_DAYS', 'delete ended jobs after this many days (default: never)'],
  [
    '--tokens-file <file>',
    'TRAINYARD_TOKENS_FILE',
    'access tokens for the API (default: no token needed on this machine)',
  ],
  ['--jwt-issuer <issuer>', 'TRAINYARD_JWT_ISSUER', 'issuer of JWTs that are access tokens too (default: none)'],
  ['--jwt-audience <audience>', 'TRAINYARD_JWT_AUDIENCE', 'audience that these JWTs must have'],
  ['--jwt-jwks <url>', 'TRAINYARD_JWT_JWKS', 'keys (JWKS) of the issuer: https:// address, or file'],
  ['--jwt-role-claim <claim>', 'TRAINYARD_JWT_ROLE_CLAIM', 'claim with the role (default: roles)'],
  ['--jwt-name-claim <claim>', 'TRAINYARD_JWT_NAME_CLAIM', 'claim with the name of the user (default: sub)'],
  ['--webhooks-file <file>', 'TRAINYARD_WEBHOOKS_FILE', 'webhook endpoints for ended jobs (default: none)'],
  ['--allowed-origins <list>', 'TRAINYARD_ALLOWED_ORIGINS', 'other origins whose web pages may use the API'],
  ['--allowed-hosts <list>', 'TRAINYARD_ALLOWED_HOSTS', 'additional host names of this server'],
  ['--max-upload-bytes <n>', 'TRAINYARD_MAX_UPLOAD_BYTES', 'maximum size of an uploaded dataset (default: 10 GiB)'],
  [
    '--starts-per-minute <n/n>',
    'TRAINYARD_STARTS_PER_MINUTE',
    'started and resumed trainings per user and in total (default: 1000/5000)',
  ],
  ['--uploads-per-minute <n/n>', 'TRAINYARD_UPLOADS_PER_MINUTE', 'uploads per user and in total (default: 300/1000)'],
  [
    '--max-subscriptions <n/n>',
    'TRAINYARD_MAX_SUBSCRIPTIONS',
    'open subscriptions per user and in total (default: 20000/50000)',
  ],
  [
    '--requests-per-minute <n>',
    'TRAINYARD_REQUESTS_PER_MINUTE',
    'HTTP requests and WebSocket operations per user (default: 600000)',
  ],
  [
    '--max-stored-bytes <n/n>',
    'TRAINYARD_MAX_STORED_BYTES',
    'size of datasets, models and artifacts, per user and in total (default: none/none)',
  ],
  ['--max-jobs <n/n>', 'TRAINYARD_MAX_JOBS', 'kept jobs per user and in total (default: 250000/1000000)'],
  [
    '--min-free-bytes <n>',
    'TRAINYARD_MIN_FREE_BYTES',
    'free disk space that starts and uploads leave (default: 256 MiB)',
  ],
  ['--log-level <level>', 'TRAINYARD_LOG_LEVEL', 'silent, fatal, error, warn, info, debug or trace (default: info)'],
] as const;

type Variable = (typeof SETTING_FLAGS)[number][1];

/** Adds flags for the named settings, or for all settings. */
export function addSettingFlags(command: Command, only?: readonly Variable[]): Command {
  for (const [flag, variable, meaning] of SETTING_FLAGS) {
    if (only === undefined || only.includes(variable)) command.option(flag, meaning);
  }
  return command;
}

/** The environment, with the variables that the flags of {@link addSettingFlags} override. */
export function withSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const given = SETTING_FLAGS.flatMap(([flag, variable]) => {
    const value = flags[attributeName(flag)];
    return typeof value === 'string' ? [[variable, value] as const] : [];
  });
  return { ...environment, ...Object.fromEntries(given) };
}

/** The attribute name in commander: `--max-running <n>` is `maxRunning`. */
function attributeName(flag: string): string {
  const name = /--([\w-]+)/.exec(flag)?.[1] ?? '';
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
