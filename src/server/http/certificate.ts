import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:tls';
import type { TlsFiles } from '../../settings/tls.ts';
import type { Logger } from '../logger.ts';

/** Interval at which the files are compared, ms. */
const CHECK_MS = 1_000;

/** The certificate and key for `tls`, read from their files. @throws a system error when one cannot be read */
export function readCertificate({ certFile, keyFile }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/**
 * Gives new connections the new certificate once its files have changed. Files that cannot be read, or do not match yet, change nothing:
 * they are logged once, and read again after their next change.
 */
export function followCertificate(server: Server, files: TlsFiles, logger: Logger): void {
  let seen = stampOf(files);
  const look = () => {
    const stamp = stampOf(files);
    if (stamp === seen) return;
    seen = stamp;
    try {
      server.setSecureContext(readCertificate(files));
      logger.info({ file: files.certFile }, 'uses a new TLS certificate');
    } catch (error) {
      logger.warn({ err: error, ...files }, 'cannot use the new TLS certificate; the old one is kept');
    }
  };
  const timer = setInterval(look, CHECK_MS).unref();
  server.once('close', () => clearInterval(timer));
}

/** A text that changes whenever one of the files is written or replaced. */
function stampOf({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile]
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
      return stats === undefined ? 'none' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
    })
    .join(' ');
}
