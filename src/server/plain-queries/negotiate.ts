/** A media type of answers that are one JSON text. */
export type JsonMediaType = 'application/json' | 'application/graphql-response+json';

const TYPES: Readonly<Record<string, JsonMediaType>> = {
  'application/json': 'application/json',
  'application/graphql-response+json': 'application/graphql-response+json',
  'application/*': 'application/json',
  '*/*': 'application/json',
};

/**
 * The media type that Yoga chooses for one answer: that of the first entry which names one, whatever the weights are.
 * @param accept the header of the request
 * @returns null if there is none, so that Yoga has to refuse the request
 */
export function chooseMediaType(accept = '*/*'): JsonMediaType | null {
  const only = Object.hasOwn(TYPES, accept) ? TYPES[accept] : undefined;
  if (only !== undefined) return only;
  for (const entry of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset=')) ?? 'charset=utf-8';
    if (charset === 'charset=utf-8' && Object.hasOwn(TYPES, name)) return TYPES[name] ?? null;
  }
  return null;
}
