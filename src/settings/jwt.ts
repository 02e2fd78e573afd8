import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Settings for checking the JWTs of an identity provider. */
export interface JwtSettings {
  /** Required value of the claim `iss`. */
  readonly issuer: string;
  /** Required value of the claim `aud`, or one of its values. */
  readonly audience: string;
  /** The key set (JWKS) of the provider: a `https:` or `file:` URL, or `http:` on this machine. */
  readonly keys: URL;
  /** Claim with the role: its name, or a path such as `realm_access.roles`. */
  readonly roleClaim: string;
  /** Claim with the name of the user: its name, or a path. */
  readonly nameClaim: string;
}

/** The most bytes of a key set. */
export const MAX_KEY_SET_BYTES = 256 * 1024;

/** Settings that are null or not set at all. */
type Given = {
  readonly [Name in keyof JwtSettings]: JwtSettings[Name] | undefined;
};

/** The settings together, or the problem with them in a sentence; null if none is set. */
export function checkJwt({ issuer, audience, keys, roleClaim, nameClaim }: Given): JwtSettings | string | null {
  const required = [issuer, audience, keys];
  if (issuer !== undefined && audience !== undefined && keys !== undefined) {
    return { issuer, audience, keys, roleClaim: roleClaim ?? 'roles', nameClaim: nameClaim ?? 'sub' };
  }
  if ([...required, roleClaim, nameClaim].every((value) => value === undefined)) return null;
  return 'TRAINYARD_JWT_ISSUER, TRAINYARD_JWT_AUDIENCE and TRAINYARD_JWT_JWKS belong together: set all three, or no TRAINYARD_JWT_ setting.';
}

/**
 * Reads the setting of a key set: a URL, or the path of a file, which must hold a key set now.
 * @returns the problem as text that follows the name of the setting
 */
export function parseKeysLocation(text: string): URL | string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) {
    const url = URL.canParse(text) ? new URL(text) : null;
    const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
    if (url !== null && isAllowed && url.username === '' && url.password === '') return url;
    return 'must be an https:// address without a password (http:// only on this machine), or the path of a file';
  }
  const path = resolve(text);
  try {
    const problem = keySetProblem(readFileSync(path, 'utf8'));
    return problem === null ? pathToFileURL(path) : `must name a file with a key set (JWKS): ${problem}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return `must be an https:// address, or the path of a readable file: ${path} cannot be read (${code})`;
  }
}

/** Why text is not a key set that can check a token; null if it is. https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export function keySetProblem(text: string): string | null {
  if (Buffer.byteLength(text) > MAX_KEY_SET_BYTES) return `it has more than ${MAX_KEY_SET_BYTES} bytes`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const keys: unknown = typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? parsed.keys : null;
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'object' || key === null)) {
    return 'it has no list of keys, as in {"keys": [...]}';
  }
  const hasPublicKey = keys.some(({ kty }: { kty?: unknown }) => kty === 'RSA' || kty === 'EC' || kty === 'OKP');
  return hasPublicKey ? null : 'it has no public key (RSA, EC or OKP)';
}

function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}
