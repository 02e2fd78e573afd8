import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import type { JwtSettings } from '../../src/settings/jwt.ts';

export const ISSUER = 'https://login.example/';
export const AUDIENCE = 'trainyard';

/** A key of the provider. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** A real identity provider on a loopback port: it serves a key set, and signs tokens. */
export interface IdentityProvider {
  readonly settings: JwtSettings;
  /** The keys that it serves; tests change them. */
  keys: readonly SigningKey[];
  /** Number of requests for the key set. */
  readonly requests: () => number;
  /** Answers the next requests itself; null for the key set. */
  answer: ((response: ServerResponse) => void) | null;
  /** Signs a token of Ada, an operator, for an hour, with its newest key; `claims` overrides, and undefined leaves out. */
  sign(claims?: Record<string, unknown>, key?: SigningKey): Promise<string>;
}

export async function generateKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Seconds since 1970, as claims have them. */
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

export async function startIdentityProvider(alg = 'ES256'): Promise<IdentityProvider> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    if (provider.answer) provider.answer(response);
    else response.end(JSON.stringify({ keys: provider.keys.map(({ publicJwk }) => publicJwk) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const provider: IdentityProvider = {
    settings: {
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: new URL(`http://127.0.0.1:${port}/jwks.json`),
      roleClaim: 'roles',
      nameClaim: 'sub',
    },
    keys: [await generateKey('first', alg)],
    requests: () => requests,
    answer: null,
    sign(claims = {}, key = provider.keys.at(-1)) {
      if (!key) throw new Error('the provider has no key');
      const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', roles: ['operator'], exp: inSeconds(3_600) };
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: key.alg, kid: key.kid })
        .sign(key.privateKey);
    },
  };
  return provider;
}
