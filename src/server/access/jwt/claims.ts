import type { Role } from '../../../runner/index.ts';
import { ROLES } from '../../../settings/tokens.ts';

/** The claims of a JWT whose signature has been checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** A name has at most as many characters as OpenID Connect allows for `sub`. */
const NAME = /^[^\s\p{C}]([^\p{C}]{0,253}[^\s\p{C}])?$/u;

/**
 * The value of a claim.
 * @param name the whole name of a claim, which may contain dots (`https://lab.example/roles`); otherwise a path into nested
 *   claims (`realm_access.roles`)
 */
export function readClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((value, key) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && Object.hasOwn(value, key) ? (value as Claims)[key] : undefined;
  }, claims);
}

/**
 * The role of a claim: a text must be a role exactly. Of a list, the highest role counts; other entries are ignored, because identity
 * providers put the roles of other applications into the same list.
 * @returns null if the claim names no role
 */
export function roleOf(claim: unknown): Role | null {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return ROLES.findLast((role) => values.includes(role)) ?? null;
}

/** The name of the user: 1 to 255 visible characters, with spaces only inside; null for anything else. */
export function nameOf(claim: unknown): string | null {
  return typeof claim === 'string' && NAME.test(claim) ? claim : null;
}
