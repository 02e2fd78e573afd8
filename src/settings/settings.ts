import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  type LauncherName,
  LAUNCHERS,
  nearest,
  NO_QUOTA,
  type Quota,
  type ResourceRules,
  type Webhook,
} from '../runner/index.ts';
import { checkJwt, type JwtSettings } from './jwt.ts';
import { checkTls, type TlsFiles } from './tls.ts';
import { parseTokens, type Token } from './tokens.ts';
import {
  claim,
  file,
  folder,
  hostName,
  jwtValue,
  keysLocation,
  list,
  origin,
  proxy,
  quota,
  rate,
  resourceName,
  socketPath,
  variableName,
  wholeNumber,
} from './values.ts';
import { parseWebhooks } from './webhooks.ts';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** All settings, with defaults applied and values checked. */
export interface Settings {
  /** Home folder of all files: an absolute path. */
  readonly home: string;
  /** The address to listen on. */
  readonly host: string;
  /** The port to listen on; 0 selects a free one. */
  readonly port: number;
  /** Absolute path of the Unix socket to listen on instead of a port; null for a port. */
  readonly socket: string | null;
  /** The TLS certificate of the port; null for plain HTTP. */
  readonly tls: TlsFiles | null;
  /** IP addresses and networks of reverse proxies whose `X-Forwarded-` headers are used, and `unix` for the socket. */
  readonly trustedProxies: readonly string[];
  /** The Python interpreter: an absolute path, or a name to look up on the PATH. */
  readonly python: string;
  /** The folder of scripts that are trainers: an absolute path; undefined for `trainers` in the home. */
  readonly trainers: string | undefined;
  /** Environment variables that trainings inherit besides the usual ones: names, or prefixes that end with `*`. */
  readonly trainerEnv: readonly string[];
  /** Where jobs run: on this machine, or on the nodes of a Slurm cluster. */
  readonly launcher: LauncherName;
  /** Whether a process with the imported libraries of the trainers starts jobs. */
  readonly warmStart: boolean;
  /** The resources that a job may request on a cluster. */
  readonly resources: Omit<ResourceRules, 'isCluster'>;
  /** Maximum number of running jobs; null means the number of GPUs, or of cores if there are none, and at least 2. */
  readonly maxRunning: number | null;
  /** Maximum number of waiting jobs. */
  readonly maxQueued: number;
  /** Number of days after which ended jobs are deleted; null keeps them. */
  readonly retentionDays: number | null;
  /** The file of the tokens, which the server follows; an absolute path, or null. */
  readonly tokensFile: string | null;
  /** The tokens of the file; null without one. Without tokens and `jwt`, every client that can reach the API may use it. */
  readonly tokens: readonly Token[] | null;
  /** The identity provider whose JWTs are tokens too; null for none. */
  readonly jwt: JwtSettings | null;
  /** Configured webhook endpoints. */
  readonly webhooks: readonly Webhook[];
  /** Allowed web origins besides the server's own, for example `https://lab.example`. */
  readonly allowedOrigins: readonly string[];
  /** Allowed host names besides the loopback ones, in lower case, with or without a port. */
  readonly allowedHosts: readonly string[];
  /** Maximum size of an uploaded dataset in bytes. */
  readonly maxUploadBytes: number;
  /** Starts and resumes in a minute. */
  readonly startsPerMinute: Quota;
  /** Uploads in a minute. */
  readonly uploadsPerMinute: Quota;
  /** Subscriptions that are open at the same time. */
  readonly maxSubscriptions: Quota;
  /** HTTP requests and WebSocket operations of one user in a minute. */
  readonly requestsPerMinute: number;
  /** Bytes of the datasets, models and artifacts. */
  readonly maxStoredBytes: Quota;
  /** Jobs that are kept. */
  readonly maxJobs: Quota;
  /** Bytes of the disk that starts and uploads leave free. */
  readonly minFreeBytes: number;
  readonly logLevel: LogLevel;
}

/** One or more settings are invalid. The message has one sentence for each, which names the setting. */
export class SettingsError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

const PREFIX = 'TRAINYARD_';
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Allowed in the environment, but not server settings: variables of training processes and of the command-line client. */
const OTHER_VARIABLES = [
  'TRAINYARD_JOB_ID',
  'TRAINYARD_ATTEMPT',
  'TRAINYARD_SIMULATION_STEP_SECONDS',
  'TRAINYARD_CAPTURE',
  'TRAINYARD_SYSTEM_METRICS_SECONDS',
  'TRAINYARD_URL',
  'TRAINYARD_TOKEN',
];

const SCHEMA = z.object({
  TRAINYARD_HOME: folder.default(process.cwd()),
  TRAINYARD_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host), {
      error: 'must be an IP address or a host name, without a port',
    })
    .default('127.0.0.1'),
  TRAINYARD_PORT: wholeNumber(0, 65_535).default(4000),
  TRAINYARD_SOCKET: socketPath.optional(),
  TRAINYARD_TLS_CERT: z.string().optional(),
  TRAINYARD_TLS_KEY: z.string().optional(),
  TRAINYARD_TRUST_PROXY: list.pipe(z.array(proxy)).default([]),
  TRAINYARD_PYTHON: z.string().optional(),
  TRAINYARD_TRAINERS: folder.optional(),
  TRAINYARD_TRAINER_ENV: list.pipe(z.array(variableName)).default([]),
  TRAINYARD_LAUNCHER: z.enum(LAUNCHERS, { error: `must be one of ${LAUNCHERS.join(', ')}` }).default('local'),
  TRAINYARD_WARM_START: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  TRAINYARD_SLURM_PARTITIONS: list.pipe(z.array(resourceName)).default([]),
  TRAINYARD_SLURM_ACCOUNTS: list.pipe(z.array(resourceName)).default([]),
  TRAINYARD_SLURM_QOS: list.pipe(z.array(resourceName)).default([]),
  TRAINYARD_SLURM_CONSTRAINTS: list.pipe(z.array(resourceName)).default([]),
  TRAINYARD_SLURM_GPU_TYPES: list.pipe(z.array(resourceName)).default([]),
  TRAINYARD_SLURM_MAX_NODES: wholeNumber(1, 1024).default(1),
  TRAINYARD_MAX_RUNNING: wholeNumber(1, 10_000).optional(),
  TRAINYARD_MAX_QUEUED: wholeNumber(0, 1_000_000).default(1000),
  TRAINYARD_RETENTION_DAYS: wholeNumber(1, 36_500).optional(),
  TRAINYARD_TOKENS_FILE: file(parseTokens).optional(),
  TRAINYARD_JWT_ISSUER: jwtValue.optional(),
  TRAINYARD_JWT_AUDIENCE: jwtValue.optional(),
  TRAINYARD_JWT_JWKS: keysLocation.optional(),
  TRAINYARD_JWT_ROLE_CLAIM: claim.optional(),
  TRAINYARD_JWT_NAME_CLAIM: claim.optional(),
  TRAINYARD_WEBHOOKS_FILE: file(parseWebhooks).optional(),
  TRAINYARD_ALLOWED_ORIGINS: list.pipe(z.array(origin)).default([]),
  TRAINYARD_ALLOWED_HOSTS: list.pipe(z.array(hostName)).default([]),
  TRAINYARD_MAX_UPLOAD_BYTES: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 3),
  TRAINYARD_STARTS_PER_MINUTE: rate.default({ perUser: 1_000, total: 5_000 }),
  TRAINYARD_UPLOADS_PER_MINUTE: rate.default({ perUser: 300, total: 1_000 }),
  TRAINYARD_MAX_SUBSCRIPTIONS: quota.default({ perUser: 20_000, total: 50_000 }),
  TRAINYARD_REQUESTS_PER_MINUTE: wholeNumber(1, 1_000_000_000).default(600_000),
  TRAINYARD_MAX_STORED_BYTES: quota.default(NO_QUOTA),
  TRAINYARD_MAX_JOBS: quota.default({ perUser: 250_000, total: 1_000_000 }),
  TRAINYARD_MIN_FREE_BYTES: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(256 * 1024 ** 2),
  TRAINYARD_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

/**
 * Reads the settings from environment variables. An empty variable counts as unset.
 * @throws SettingsError that names every setting with an invalid value and every unknown TRAINYARD_ variable
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith(PREFIX) && value !== undefined && value !== '',
    ),
  );
  const known = Object.keys(SCHEMA.shape);
  const problems = Object.keys(given)
    .filter((name) => !known.includes(name) && !OTHER_VARIABLES.includes(name))
    .map((name) => {
      const suggestion = nearest(name, known);
      return `${name} is not a setting.${suggestion === null ? ` The settings are ${known.join(', ')}.` : ` Did you mean ${suggestion}?`}`;
    });
  const result = SCHEMA.safeParse(given);
  if (!result.success) {
    // One sentence per setting, for the first of its issues.
    const seen = new Set<string>();
    for (const issue of result.error.issues) {
      const name = String(issue.path[0]);
      if (seen.has(name)) continue;
      seen.add(name);
      problems.push(`${name} ${issue.message}; got ${JSON.stringify(given[name])}.`);
    }
    throw new SettingsError(problems);
  }
  const values = result.data;
  const tls = checkTls(values.TRAINYARD_TLS_CERT, values.TRAINYARD_TLS_KEY);
  if (typeof tls === 'string') problems.push(tls);
  const jwt = checkJwt({
    issuer: values.TRAINYARD_JWT_ISSUER,
    audience: values.TRAINYARD_JWT_AUDIENCE,
    keys: values.TRAINYARD_JWT_JWKS,
    roleClaim: values.TRAINYARD_JWT_ROLE_CLAIM,
    nameClaim: values.TRAINYARD_JWT_NAME_CLAIM,
  });
  if (typeof jwt === 'string') problems.push(jwt);
  if (!isLoopback(values.TRAINYARD_HOST) && values.TRAINYARD_TOKENS_FILE === undefined && jwt === null) {
    problems.push(
      `TRAINYARD_HOST ${values.TRAINYARD_HOST} is reachable from other machines, which requires tokens. Set TRAINYARD_TOKENS_FILE or TRAINYARD_JWT_ISSUER, or set TRAINYARD_HOST to 127.0.0.1.`,
    );
  }
  if (problems.length > 0 || typeof tls === 'string' || typeof jwt === 'string') throw new SettingsError(problems);
  return {
    home: values.TRAINYARD_HOME,
    host: values.TRAINYARD_HOST,
    port: values.TRAINYARD_PORT,
    socket: values.TRAINYARD_SOCKET ?? null,
    tls,
    trustedProxies: values.TRAINYARD_TRUST_PROXY,
    python: values.TRAINYARD_PYTHON ?? defaultPython(values.TRAINYARD_HOME),
    trainers: values.TRAINYARD_TRAINERS,
    trainerEnv: values.TRAINYARD_TRAINER_ENV,
    launcher: values.TRAINYARD_LAUNCHER,
    warmStart: values.TRAINYARD_WARM_START === 'on',
    resources: {
      allowed: {
        partition: values.TRAINYARD_SLURM_PARTITIONS,
        account: values.TRAINYARD_SLURM_ACCOUNTS,
        qos: values.TRAINYARD_SLURM_QOS,
        constraint: values.TRAINYARD_SLURM_CONSTRAINTS,
        gpuType: values.TRAINYARD_SLURM_GPU_TYPES,
      },
      maxNodes: values.TRAINYARD_SLURM_MAX_NODES,
    },
    maxRunning: values.TRAINYARD_MAX_RUNNING ?? null,
    maxQueued: values.TRAINYARD_MAX_QUEUED,
    retentionDays: values.TRAINYARD_RETENTION_DAYS ?? null,
    tokensFile: values.TRAINYARD_TOKENS_FILE === undefined ? null : resolve(given['TRAINYARD_TOKENS_FILE'] ?? ''),
    tokens: values.TRAINYARD_TOKENS_FILE ?? null,
    jwt,
    webhooks: values.TRAINYARD_WEBHOOKS_FILE ?? [],
    allowedOrigins: values.TRAINYARD_ALLOWED_ORIGINS,
    allowedHosts: values.TRAINYARD_ALLOWED_HOSTS,
    maxUploadBytes: values.TRAINYARD_MAX_UPLOAD_BYTES,
    startsPerMinute: values.TRAINYARD_STARTS_PER_MINUTE,
    uploadsPerMinute: values.TRAINYARD_UPLOADS_PER_MINUTE,
    maxSubscriptions: values.TRAINYARD_MAX_SUBSCRIPTIONS,
    requestsPerMinute: values.TRAINYARD_REQUESTS_PER_MINUTE,
    maxStoredBytes: values.TRAINYARD_MAX_STORED_BYTES,
    maxJobs: values.TRAINYARD_MAX_JOBS,
    minFreeBytes: values.TRAINYARD_MIN_FREE_BYTES,
    logLevel: values.TRAINYARD_LOG_LEVEL,
  };
}

/** Whether an address is reachable only from this machine: 127.0.0.0/8, ::1 or localhost. */
function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The Python environment that set-up made: in the home folder for an installed package, in the checkout for a clone. */
function defaultPython(home: string): string {
  const candidates = [resolve(home, '.trainyard/venv/bin/python'), resolve(REPOSITORY, '.venv/bin/python')];
  return candidates.find((path) => existsSync(path)) ?? 'python3';
}
