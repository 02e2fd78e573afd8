import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';

/** The files of a TLS certificate, PEM, as absolute paths. */
export interface TlsFiles {
  /** The certificate, followed by those of its issuers. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** The files of two settings that belong together, or the problem with them in a sentence; null if neither is set. */
export function checkTls(cert: string | undefined, key: string | undefined): TlsFiles | string | null {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    return 'TRAINYARD_TLS_CERT and TRAINYARD_TLS_KEY belong together: set both, or neither.';
  }
  const files = { certFile: resolve(cert), keyFile: resolve(key) };
  try {
    createSecureContext({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) });
    return files;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return `TRAINYARD_TLS_CERT and TRAINYARD_TLS_KEY must name PEM files of one certificate and its key, and cannot be used (${code}).`;
  }
}
