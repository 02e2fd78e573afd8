import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { documentPages } from '../support/doc-blocks.ts';

/** Words that CONTRIBUTING.md rules out: each has a plainer one. */
const ARCHAIC = /\b(anew|mend(s|ed)?|nobody|somebody|told|hears? of|tells? of|as long as)\b/i;

test.for(documentPages())('%s has no archaic words', (page) => {
  const lines = readFileSync(join(REPOSITORY_ROOT, page), 'utf8').split('\n');
  expect(lines.filter((line) => ARCHAIC.test(line))).toEqual([]);
});
