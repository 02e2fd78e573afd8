import { expect, test } from 'vitest';
import { parseWebhooks } from '../../src/settings/webhooks.ts';
import { newSecret } from '../support/webhook-receiver.ts';

const ENTRY = { name: 'lab-chat', url: 'https://chat.example/hook?token=sesame', secret: newSecret() };
const parse = (...webhooks: unknown[]) => parseWebhooks(JSON.stringify({ webhooks }));

test('a webhook needs a name, an address and a secret, and everything else has a default', () => {
  expect(parse(ENTRY)).toEqual([
    {
      ...ENTRY,
      events: ['job.completed', 'job.stopped', 'job.failed', 'job.stalled'],
      filter: null,
      allowPrivateAddresses: false,
      link: null,
    },
  ]);
});

test('every field can be set', () => {
  const entry = {
    ...ENTRY,
    events: ['job.retrying'],
    filter: { tags: ['a'], trainer: 'tabular' },
    allowPrivateAddresses: true,
  };
  const link = 'https://lab.example/jobs/{jobId}';
  expect(parseWebhooks(JSON.stringify({ link, webhooks: [entry] }))).toEqual([{ ...entry, link }]);
});

test.each(['http://127.0.0.1:8000/', 'http://chat.internal/', 'https://[fd00::1]/'])(
  '%s is accepted if private addresses are allowed',
  (url) => {
    expect(parse({ ...ENTRY, url })).toMatch(/field url must /);
    expect(parse({ ...ENTRY, url, allowPrivateAddresses: true })).toMatchObject([{ url }]);
  },
);

test.each([
  ['not JSON', '{ "webhooks": [', 'its content is not JSON'],
  ['no object', '[]', 'docs/webhooks.md: the content must be an object'],
  ['no list', '{}', 'field webhooks must be a list of webhooks'],
  ['no entry', '{ "webhooks": [] }', 'field webhooks must have at least one entry'],
  [
    'a page that is the same for all jobs',
    '{ "link": "https://lab.example", "webhooks": [] }',
    'field link must be the URL of a job page',
  ],
])('a file with %s is refused, with what is wrong', (_what, text, problem) => {
  expect(parseWebhooks(text)).toContain(problem);
});

test.each([
  [{ name: 'lab chat' }, 'webhook 1 ("lab chat"), field name must be 1 to 64 letters, digits, "-", "_" and "."'],
  [{ name: undefined }, 'webhook 1, field name is required'],
  [{ url: 'chat.example' }, 'webhook 1 ("lab-chat"), field url must be a URL that starts with https://'],
  [{ url: 'ftp://chat.example/' }, 'field url must be a URL that starts with https://'],
  [
    { url: 'http://chat.example/' },
    'field url must start with https://; plain http:// requires "allowPrivateAddresses": true',
  ],
  [{ url: 'https://10.0.0.1/' }, 'field url must be on the public internet; a private address requires'],
  [{ url: 'https://localhost/' }, 'field url must be on the public internet'],
  [{ secret: 'sesame' }, 'field secret must be "whsec_" and 24 to 64 random bytes in Base64'],
  [{ secret: 'whsec_c2hvcnQ=' }, 'field secret must be'],
  [{ secret: undefined }, 'field secret is required'],
  [
    { events: ['job.ended'] },
    'field events.0 must be one of job.completed, job.stopped, job.failed, job.retrying, job.stalled',
  ],
  [{ events: [] }, 'field events must contain at least one of'],
  [{ filter: { tag: ['a'] } }, 'field filter has no field "tag"'],
  [{ filter: { tags: 'a' } }, 'field filter.tags must be a list of strings'],
  [{ allowPrivateAdresses: true }, 'has no field "allowPrivateAdresses"; did you mean "allowPrivateAddresses"?'],
  [{ allowPrivateAddresses: 'yes' }, 'field allowPrivateAddresses must be true or false'],
])('an entry with %j is refused, with what is wrong', (changes, problem) => {
  const result = parse({ ...ENTRY, ...changes });
  expect(result).toContain(problem);
  // Errors are printed at the start and written to logs.
  expect(result).not.toMatch(/sesame|whsec_[A-Za-z0-9]/);
});

test('two webhooks with the same name are rejected', () => {
  expect(parse(ENTRY, { ...ENTRY })).toContain('webhook 2 ("lab-chat"), field name must be unique');
});
