/** The kinds of values that settings have. Each parses the text of an environment variable, and says in its errors what the text must be. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Quota, RESOURCE_NAME } from '../runner/index.ts';
import { parseKeysLocation } from './jwt.ts';

/** A whole number within bounds, both included. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

/** A comma-separated list. Empty parts are left out. */
export const list = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));

/** The path of a folder, which may not exist yet, as an absolute path. */
export const folder = z
  .string()
  .transform((path) => resolve(path))
  .refine((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true, 'must be a folder, not a file');

/** The name of an environment variable, or a prefix that ends with `*`. */
export const variableName = z
  .string()
  .regex(
    /^[a-z_]\w*\*?$/i,
    'must be a comma-separated list of environment variables such as HF_HOME, or of prefixes such as WANDB_*',
  );

/** The name of a resource of Slurm, for example a partition. */
export const resourceName = z
  .string()
  .regex(RESOURCE_NAME, 'must be a comma-separated list of names that Slurm knows, such as gpu,gpu-long');

/** A web origin, as browsers send it. */
export const origin = z
  .string()
  .transform((text) => (URL.canParse(text) ? new URL(text) : null))
  .refine(
    (url) => url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`,
    'must be a comma-separated list of origins such as https://lab.example or http://localhost:3000, without a path',
  )
  .transform((url) => url?.origin ?? '');

/** Two limits, for one user and for all together. */
export const quota = z
  .string()
  .regex(
    /^(none|[1-9]\d{0,15})\/(none|[1-9]\d{0,15})$/,
    'must be two whole numbers such as 100/500, for one user and for all together; "none" means no limit',
  )
  .transform((text): Quota => {
    const [perUser = 0, total = 0] = text.split('/').map((part) => (part === 'none' ? Infinity : Number(part)));
    return { perUser, total };
  });

/** A quota that needs numbers: how often something may happen in a minute. */
export const rate = quota.refine(
  ({ perUser, total }) => perUser <= 1e9 && total <= 1e9,
  'must be two whole numbers of at most 1000000000 each, such as 100/500',
);

/** The path of a Unix socket, as an absolute path. */
export const socketPath = z
  .string()
  .transform((path) => resolve(path))
  .refine((path) => /^[\w./@+~-]{1,100}$/.test(path), {
    error: 'must be a path of at most 100 characters: letters, digits and "/ . _ - @ + ~"',
  });

/** An IP address, a network, or `unix`. */
export const proxy = z.string().refine((text) => text === 'unix' || isNetwork(text), {
  error: 'must be a comma-separated list of IP addresses or networks such as 10.0.0.0/8, or "unix" for the Unix socket',
});

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}

/** A host name in lower case, with or without a port. */
export const hostName = z
  .string()
  .toLowerCase()
  .regex(
    /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/,
    'must be a comma-separated list of host names such as lab.example or lab.example:4000, without http://',
  );

/** Reads the file at a path and parses its content. `parse` returns the content, or a problem as text. */
export const file = <Content extends object>(parse: (text: string) => Content | string) =>
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
    const problem = `must be the path of a readable file: ${path} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'error'})`;
    return { problem };
  }
}

/** An issuer or audience of JWTs. */
export const jwtValue = z
  .string()
  .regex(/^[^\s\p{C}]{1,500}$/u, 'must be the exact value in the tokens: 1 to 500 visible characters without a space');

/** The name or path of a claim of JWTs. */
export const claim = z
  .string()
  .regex(/^[^\s\p{C}]{1,200}$/u, 'must be the name of a claim such as roles, or a path such as realm_access.roles');

/** The file or address of the keys of an identity provider. */
export const keysLocation = z.string().transform((text, context) => {
  const location = parseKeysLocation(text);
  if (typeof location !== 'string') return location;
  context.addIssue(location);
  return z.NEVER;
});
