import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from '../../src/settings/settings.ts';
import { temporaryHome } from '../support/home.ts';

test('a certificate without its key, and invalid files, prevent the start', () => {
  const file = join(temporaryHome(), 'certificate.pem');
  writeFileSync(file, 'no certificate');
  expect(() => readSettings({ TRAINYARD_TLS_CERT: file })).toThrow('belong together');
  expect(() => readSettings({ TRAINYARD_TLS_CERT: file, TRAINYARD_TLS_KEY: file })).toThrow('cannot be used');
  expect(() => readSettings({ TRAINYARD_TLS_CERT: '/none', TRAINYARD_TLS_KEY: '/none' })).toThrow('(ENOENT)');
});
