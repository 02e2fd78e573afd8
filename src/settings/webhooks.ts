import { z } from 'zod';
import { isPrivateHost, nearest, quote, type Webhook, WEBHOOK_EVENTS } from '../runner/index.ts';

/** Events that are sent to a webhook by default. */
const DEFAULT_EVENTS = ['job.completed', 'job.stopped', 'job.failed', 'job.stalled'] as const;
/** Bounded because each webhook may have several open connections. */
const MAX_WEBHOOKS = 32;

const strings = z.array(z.string({ error: 'must be a list of strings' }), { error: 'must be a list of strings' });

const entry = z
  .strictObject(
    {
      name: z
        .string({ error: 'is required: letters, digits, "-", "_" and "."' })
        .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, "-", "_" and "."'),
      url: z
        .string({ error: 'is required: the URL to post to' })
        .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
          error: 'must be a URL that starts with https://',
        }),
      secret: z
        .string({ error: 'is required: "whsec_" and 24 to 64 random bytes in Base64' })
        .refine(isSecret, 'must be "whsec_" and 24 to 64 random bytes in Base64'),
      events: z
        .array(z.enum(WEBHOOK_EVENTS, { error: `must be one of ${WEBHOOK_EVENTS.join(', ')}` }), {
          error: 'must be a list of events',
        })
        .min(1, `must contain at least one of ${WEBHOOK_EVENTS.join(', ')}`)
        .default([...DEFAULT_EVENTS]),
      filter: z
        .strictObject(
          {
            tags: strings,
            allTags: strings,
            trainer: z.string({ error: 'must be a string' }),
            dataset: z.string({ error: 'must be a string' }),
            name: z.string({ error: 'must be a string' }),
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
    // A host name can resolve to any address, so the address is checked again at each delivery.
    const problem = allowPrivateAddresses || !URL.canParse(url) ? undefined : publicProblem(new URL(url));
    // The input may contain a token, so it appears in no message.
    if (problem) issues.push({ code: 'custom', path: ['url'], message: problem, input: undefined });
  });

const FILE = z.strictObject(
  {
    link: z
      .string({ error: 'must be a string' })
      .refine((text) => URL.canParse(text) && text.includes('{jobId}'), {
        error: 'must be the URL of a job page with {jobId}, such as https://lab.example/jobs/{jobId}',
      })
      .optional(),
    webhooks: z
      .array(entry, { error: 'must be a list of webhooks' })
      .min(1, 'must have at least one entry')
      .max(MAX_WEBHOOKS, `must have at most ${MAX_WEBHOOKS} entries`)
      .check(({ value, issues }) => {
        const names = value.map(({ name }) => name);
        const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
        if (twice === -1) return;
        issues.push({
          code: 'custom',
          path: [twice, 'name'],
          message: 'must be unique: another webhook has the same name',
          input: undefined,
        });
      }),
  },
  { error: unknownFields },
);

/**
 * Parses the content of a webhooks file, described in docs/webhooks.md. If the content is invalid, returns the problem, worded to
 * follow the name of the setting. No message contains URLs or secrets.
 */
export function parseWebhooks(text: string): readonly Webhook[] | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the content, which may contain secrets.
    return 'must name a JSON file of webhooks; its content is not JSON';
  }
  const result = FILE.safeParse(content);
  if (!result.success) {
    const [issue] = result.error.issues;
    return `must name a webhooks file as described in docs/webhooks.md: ${describe(issue?.path ?? [], content)} ${issue?.message ?? 'is invalid'}`;
  }
  const { webhooks, link = null } = result.data;
  return webhooks.map(({ filter, ...webhook }) => ({ ...webhook, filter: filter ?? null, link }));
}

function publicProblem(url: URL): string | undefined {
  if (url.protocol !== 'https:') {
    return 'must start with https://; plain http:// requires "allowPrivateAddresses": true';
  }
  if (isPrivateHost(url)) {
    return 'must be on the public internet; a private address requires "allowPrivateAddresses": true';
  }
  return undefined;
}

function isSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const bytes = Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64;
}

/** Names an unknown field and the one that was probably meant; otherwise says that an object was expected. */
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

/** The location of a problem: `webhook 2 ("lab-chat"), field url`. */
function describe(path: readonly PropertyKey[], content: unknown): string {
  const [list, index, ...field] = path;
  if (list !== 'webhooks' || typeof index !== 'number')
    return path.length === 0 ? 'the content' : `field ${path.join('.')}`;
  const name = (content as { webhooks: { name?: unknown }[] | undefined }).webhooks?.[index]?.name;
  const entryName = `webhook ${index + 1}${typeof name === 'string' ? ` (${quote(name)})` : ''}`;
  return field.length === 0 ? entryName : `${entryName}, field ${field.join('.')}`;
}
