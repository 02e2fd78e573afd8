import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { JwtSettings } from '../../../settings/jwt.ts';
import type { Logger } from '../../logger.ts';
import type { Grant } from '../grant.ts';
import type { Denial, TokenSource } from '../token-source.ts';
import { nameOf, readClaim, roleOf } from './claims.ts';
import { followKeySet, type KeySetTimes, KeysUnavailableError } from './key-set.ts';

/**
 * Signatures with a private key only. With an HMAC (`HS256`), every reader of the public keys could sign; `none` is not a signature.
 * https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Maximum lead of the provider's clock, seconds. It applies to `nbf`; `exp` is exact. */
const CLOCK_TOLERANCE = 5;
/** Three parts in base64url, as in every signed JWT. */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A source of the JWTs that an identity provider signs. It starts to read the provider's keys at once. */
export function createJwtSource(
  { issuer, audience, keys: location, roleClaim, nameClaim }: JwtSettings,
  logger: Logger,
  times?: Partial<KeySetTimes>,
): TokenSource {
  const keys = followKeySet(location, logger, times);
  // So that the log shows a wrong address at the start, and the first user does not wait.
  keys.reload();

  function grantOf(claims: JWTPayload): Grant | Denial {
    const expiresAt = Number(claims.exp) * 1000;
    if (!(Date.now() < expiresAt)) return { denied: 'EXPIRED', reason: 'expired JWT' };
    const user = nameOf(readClaim(claims, nameClaim));
    if (user === null) return { denied: 'INVALID', reason: `JWT without a usable name in the claim ${nameClaim}` };
    const role = roleOf(readClaim(claims, roleClaim));
    if (role === null) return { denied: 'NO_ROLE', reason: `JWT of ${user} without a role in the claim ${roleClaim}` };
    return { user, role, isValid: () => Date.now() < expiresAt };
  }

  return {
    async check(token) {
      if (!FORM.test(token)) return null;
      try {
        const { payload } = await jwtVerify(token, keys.find, {
          algorithms: ALGORITHMS,
          issuer,
          audience,
          clockTolerance: CLOCK_TOLERANCE,
          requiredClaims: ['exp'],
        });
        return grantOf(payload);
      } catch (error) {
        return denialFromError(error);
      }
    },
    reload: () => keys.reload(),
    onChange: () => undefined,
    [Symbol.dispose]: () => keys[Symbol.dispose](),
  };
}

function denialFromError(error: unknown): Denial {
  if (error instanceof KeysUnavailableError || error instanceof errors.JWKSTimeout) {
    return { denied: 'UNAVAILABLE', reason: error.message };
  }
  if (error instanceof errors.JWTExpired) return { denied: 'EXPIRED', reason: 'expired JWT' };
  return { denied: 'INVALID', reason: `invalid JWT: ${problemOf(error)}` };
}

/** Contains no text of the token. */
function problemOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `claim ${error.claim} (${error.reason})`;
  if (error instanceof errors.JOSEError) return error.code;
  // A key of the set that cannot be used, for example RSA with less than 2,048 bits.
  return error instanceof Error ? error.message : 'error';
}
