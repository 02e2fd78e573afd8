import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Webhook } from '../runner/index.ts';
import { nearest } from './nearest.ts';
import { parseTokens, type Token } from './tokens.ts';
import { parseWebhooks } from './webhooks.ts';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything that can be set from outside, read, defaulted and checked. */
export interface Settings {
  /** Absolute path of the folder under which all files lie. */
  readonly home: string;
  /** The address to listen on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The Python interpreter: an absolute path, or a name that is looked up on the PATH. */
  readonly python: string;
  /** Environment variables that trainings inherit besides the usual ones: names, or prefixes that end with `*`. */
  readonly trainerEnv: readonly string[];
  /** How many jobs may run at once; null for as many as there are GPUs, or else cores, at least 2. */
  readonly maxRunning: number | null;
  /** How many jobs may wait. */
  readonly maxQueued: number;
  /** After how many days ended jobs are deleted; null keeps them. */
  readonly retentionDays: number | null;
  /** The file of the tokens, which the server follows; an absolute path, or null. */
  readonly tokensFile: string | null;
  /** The users of the API; null admits every client that can reach it. */
  readonly tokens: readonly Token[] | null;
  /** Who is told of ends, failures and stalls. */
  readonly webhooks: readonly Webhook[];
  /** Web origins besides the server's own, for example `https://lab.example`. */
  readonly allowedOrigins: readonly string[];
  /** Host names besides the loopback ones, lower case, with or without a port. */
  readonly allowedHosts: readonly string[];
  /** How large an uploaded dataset may be. */
  readonly maxUploadBytes: number;
  readonly logLevel: LogLevel;
}

/** One or more settings are wrong. The message has one sentence for each, and names the setting. */
export class SettingsError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

const PREFIX = 'TRAINYARD_';
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** Legal in the environment, no settings of the server: what training processes are given, and what the command reads as a client. */
const OTHERS = [
  'TRAINYARD_JOB_ID',
  'TRAINYARD_ATTEMPT',
  'TRAINYARD_SIMULATION_STEP_SECONDS',
  'TRAINYARD_URL',
  'TRAINYARD_TOKEN',
];

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const list = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));

const folder = z
  .string()
  .transform((path) => resolve(path))
  .refine(
    (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true,
    'must be a folder, and is a file',
  );

const variableName = z
  .string()
  .regex(
    /^[a-z_]\w*\*?$/i,
    'must be a comma-separated list of environment variables such as HF_HOME, or of prefixes such as WANDB_*',
  );

const origin = z
  .string()
  .transform((text) => (URL.canParse(text) ? new URL(text) : null))
  .refine(
    (url) => url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`,
    'must be a comma-separated list of origins such as https://lab.example or http://localhost:3000, without a path',
  )
  .transform((url) => url?.origin ?? '');

const hostName = z
  .string()
  .toLowerCase()
  .regex(
    /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/,
    'must be a comma-separated list of host names such as lab.example or lab.example:4000, without http://',
  );

/** The path of a file, as what `parse` makes of its content; text is what is wrong with it. */
const file = <Content extends object>(parse: (text: string) => Content | string) =>
  z.string().transform((path, context) => {
    const text = readText(path);
    const parsed = typeof text === 'string' ? parse(text) : text.problem;
    if (typeof parsed !== 'string') return parsed;
    context.addIssue(parsed);
    return z.NEVER;
  });

function readText(path: string): string | { readonly problem: string } {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const problem = `must name a readable file, and ${path} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'error'})`;
    return { problem };
  }
}

const SCHEMA = z.object({
  TRAINYARD_HOME: folder.default(process.cwd()),
  TRAINYARD_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host), {
      error: 'must be an IP address or a host name, without a port',
    })
    .default('127.0.0.1'),
  TRAINYARD_PORT: wholeNumber(0, 65_535).default(4000),
  TRAINYARD_PYTHON: z.string().optional(),
  TRAINYARD_TRAINER_ENV: list.pipe(z.array(variableName)).default([]),
  TRAINYARD_MAX_RUNNING: wholeNumber(1, 10_000).optional(),
  TRAINYARD_MAX_QUEUED: wholeNumber(0, 1_000_000).default(1000),
  TRAINYARD_RETENTION_DAYS: wholeNumber(1, 36_500).optional(),
  TRAINYARD_TOKENS_FILE: file(parseTokens).optional(),
  TRAINYARD_WEBHOOKS_FILE: file(parseWebhooks).optional(),
  TRAINYARD_ALLOWED_ORIGINS: list.pipe(z.array(origin)).default([]),
  TRAINYARD_ALLOWED_HOSTS: list.pipe(z.array(hostName)).default([]),
  TRAINYARD_MAX_UPLOAD_BYTES: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 3),
  TRAINYARD_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

/**
 * Reads the settings from environment variables. An empty variable counts as not set.
 * @throws SettingsError that names every setting with a bad value, and every unknown TRAINYARD_ name
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith(PREFIX) && value !== undefined && value !== '',
    ),
  );
  const known = Object.keys(SCHEMA.shape);
  const problems = Object.keys(given)
    .filter((name) => !known.includes(name) && !OTHERS.includes(name))
    .map((name) => {
      const suggestion = nearest(name, known);
      return `${name} is not a setting.${suggestion === null ? ` The settings are ${known.join(', ')}.` : ` Did you mean ${suggestion}?`}`;
    });
  const result = SCHEMA.safeParse(given);
  if (!result.success) {
    // One sentence a setting: the first of its issues is the one to mend first.
    const seen = new Set<string>();
    for (const issue of result.error.issues) {
      const name = String(issue.path[0]);
      if (seen.has(name)) continue;
      seen.add(name);
      problems.push(`${name} ${issue.message}; it is ${JSON.stringify(given[name])}.`);
    }
    throw new SettingsError(problems);
  }
  const values = result.data;
  if (!isLoopback(values.TRAINYARD_HOST) && values.TRAINYARD_TOKENS_FILE === undefined) {
    problems.push(
      `TRAINYARD_HOST ${values.TRAINYARD_HOST} can be reached from other machines, so TRAINYARD_TOKENS_FILE must say who may use the API; or use 127.0.0.1.`,
    );
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    home: values.TRAINYARD_HOME,
    host: values.TRAINYARD_HOST,
    port: values.TRAINYARD_PORT,
    python: values.TRAINYARD_PYTHON ?? defaultPython(values.TRAINYARD_HOME),
    trainerEnv: values.TRAINYARD_TRAINER_ENV,
    maxRunning: values.TRAINYARD_MAX_RUNNING ?? null,
    maxQueued: values.TRAINYARD_MAX_QUEUED,
    retentionDays: values.TRAINYARD_RETENTION_DAYS ?? null,
    tokensFile: values.TRAINYARD_TOKENS_FILE === undefined ? null : resolve(given['TRAINYARD_TOKENS_FILE'] ?? ''),
    tokens: values.TRAINYARD_TOKENS_FILE ?? null,
    webhooks: values.TRAINYARD_WEBHOOKS_FILE ?? [],
    allowedOrigins: values.TRAINYARD_ALLOWED_ORIGINS,
    allowedHosts: values.TRAINYARD_ALLOWED_HOSTS,
    maxUploadBytes: values.TRAINYARD_MAX_UPLOAD_BYTES,
    logLevel: values.TRAINYARD_LOG_LEVEL,
  };
}

/** Whether an address can only be reached from this machine: 127.0.0.0/8, ::1, localhost. */
function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The Python of a set-up: that of an installed package lies in the home, that of a checkout in the checkout. */
function defaultPython(home: string): string {
  const made = [resolve(home, '.trainyard/venv/bin/python'), resolve(REPOSITORY, '.venv/bin/python')];
  return made.find((path) => existsSync(path)) ?? 'python3';
}
