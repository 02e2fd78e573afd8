import { z } from 'zod';
import { isPrivateHost, quote, type Webhook, WEBHOOK_EVENTS } from '../runner/index.ts';
import { nearest } from './nearest.ts';

/** What a webhook is told of unless it says otherwise. */
const DEFAULT_EVENTS = ['job.completed', 'job.stopped', 'job.failed', 'job.stalled'] as const;
/** Each may have a few connections open at once. */
const MOST_WEBHOOKS = 32;

const words = z.array(z.string({ error: 'must be a list of texts' }), { error: 'must be a list of texts' });

const entry = z
  .strictObject(
    {
      name: z
        .string({ error: 'must be given: letters, digits, "-", "_" and "."' })
        .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, "-", "_" and "."'),
      url: z
        .string({ error: 'must be given: where to post' })
        .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
          error: 'must be an address that begins with https://',
        }),
      secret: z
        .string({ error: 'must be given: "whsec_" and 24 to 64 random bytes in Base64' })
        .refine(isSecret, 'must be "whsec_" and 24 to 64 random bytes in Base64'),
      events: z
        .array(z.enum(WEBHOOK_EVENTS, { error: `must be some of ${WEBHOOK_EVENTS.join(', ')}` }), {
          error: 'must be a list of events',
        })
        .min(1, `must be at least one of ${WEBHOOK_EVENTS.join(', ')}`)
        .default([...DEFAULT_EVENTS]),
      filter: z
        .strictObject(
          {
            tags: words,
            allTags: words,
            trainer: z.string({ error: 'must be text' }),
            dataset: z.string({ error: 'must be text' }),
            name: z.string({ error: 'must be text' }),
          },
          { error: unknownFields },
        )
        .partial()
        .optional(),
      allowPrivateAddresses: z.boolean({ error: 'must be true or false' }).default(false),
    },
    { error: unknownFields },
  )
  .check(({ value: { url, allowPrivateAddresses }, issues }) => {
    // The receiver's address is looked at again each time something is sent: a name says nothing yet.
    const problem = allowPrivateAddresses || !URL.canParse(url) ? undefined : publicProblem(new URL(url));
    // What the input is goes into no message: it may hold a token.
    if (problem) issues.push({ code: 'custom', path: ['url'], message: problem, input: undefined });
  });

const FILE = z.strictObject(
  {
    link: z
      .string({ error: 'must be text' })
      .refine((text) => URL.canParse(text) && text.includes('{jobId}'), {
        error: 'must be the address of a page about a job, such as https://lab.example/jobs/{jobId}',
      })
      .optional(),
    webhooks: z
      .array(entry, { error: 'must be a list of webhooks' })
      .min(1, 'must have at least one entry')
      .max(MOST_WEBHOOKS, `must have at most ${MOST_WEBHOOKS} entries`)
      .check(({ value, issues }) => {
        const names = value.map(({ name }) => name);
        const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
        if (twice === -1) return;
        issues.push({
          code: 'custom',
          path: [twice, 'name'],
          message: 'must not be that of another',
          input: undefined,
        });
      }),
  },
  { error: unknownFields },
);

/**
 * Parses the content of a webhooks file, described in docs/webhooks.md. Returns what is wrong, to follow the name of the setting,
 * when it cannot. URLs and secrets are in no message.
 */
export function parseWebhooks(text: string): readonly Webhook[] | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // JSON's own message quotes what it stumbled over.
    return 'must name a JSON file of webhooks, and its content is not JSON';
  }
  const result = FILE.safeParse(content);
  if (!result.success) {
    const [issue] = result.error.issues;
    return `must name a file of webhooks as docs/webhooks.md describes it: in it, ${describe(issue?.path ?? [], content)} ${issue?.message ?? 'is wrong'}`;
  }
  const { webhooks, link = null } = result.data;
  return webhooks.map(({ filter, ...webhook }) => ({ ...webhook, filter: filter ?? null, link }));
}

function publicProblem(url: URL): string | undefined {
  if (url.protocol !== 'https:') {
    return 'must begin with https://; plain http:// needs "allowPrivateAddresses": true beside it';
  }
  if (isPrivateHost(url)) {
    return 'must be on the public internet; a private address needs "allowPrivateAddresses": true beside it';
  }
  return undefined;
}

function isSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const bytes = Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64;
}

/** Says which field is meant, where one is there that does not exist; else that an object was expected. */
function unknownFields(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return 'must be an object';
  const [key = ''] = issue.keys;
  const suggestion = nearest(key, [
    'name',
    'url',
    'secret',
    'events',
    'filter',
    'allowPrivateAddresses',
    'webhooks',
    'link',
  ]);
  return `has no field ${JSON.stringify(key)}${suggestion === null ? '' : `; did you mean "${suggestion}"?`}`;
}

/** Where something is wrong, for a person: `webhook 2 ("lab-chat"), field url`. */
function describe(path: readonly PropertyKey[], content: unknown): string {
  const [list, index, ...field] = path;
  if (list !== 'webhooks' || typeof index !== 'number')
    return path.length === 0 ? 'the whole' : `field ${path.join('.')}`;
  const name = (content as { webhooks: { name?: unknown }[] | undefined }).webhooks?.[index]?.name;
  const entryName = `webhook ${index + 1}${typeof name === 'string' ? ` (${quote(name)})` : ''}`;
  return field.length === 0 ? entryName : `${entryName}, field ${field.join('.')}`;
}
