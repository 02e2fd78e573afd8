import type { IncomingMessage } from 'node:http';
import type { Refusal } from './refusal.ts';

const TWO_HOSTS: Refusal = {
  status: 400,
  code: 'BAD_REQUEST',
  message: 'The request has more than one Host header. Send one.',
  headers: { connection: 'close' },
};

const CODED: Refusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message:
    'The server reads request bodies without a content coding only. Send the body as it is, without Content-Encoding.',
  headers: { 'accept-encoding': 'identity' },
};

/** Refuses a request with two Host headers (RFC 9112, section 3.2): a proxy in front may have looked at the other one. */
export function checkHosts({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): Refusal | null {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  return hosts.length > 1 ? TWO_HOSTS : null;
}

/** Refuses a compressed body: a small one may expand to any amount of memory. */
export function checkContentCoding({ headers }: Pick<IncomingMessage, 'headers'>): Refusal | null {
  return /^\s*(identity)?\s*$/i.test(headers['content-encoding'] ?? '') ? null : CODED;
}
