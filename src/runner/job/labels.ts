import { visibleLine } from './visible-text.ts';
import { InvalidInputError } from './errors.ts';

const MAX_NAME = 200;
const MAX_TAGS = 20;
const MAX_TAG = 64;
const MAX_KEY = 255;

/** The texts by which users identify jobs. */
export interface Labels {
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

/** @throws InvalidInputError if a text is too long, does not fit on one line, or has characters that could not be displayed as they are */
export function checkLabels({ name, tags, idempotencyKey }: Labels): void {
  if (name != null && !isOneLine(name, MAX_NAME)) {
    throw new InvalidInputError(
      `A name is one line of 1 to ${MAX_NAME} characters, without control or bidirectional formatting characters.`,
      ['input', 'name'],
    );
  }
  if (tags && tags.length > MAX_TAGS) {
    throw new InvalidInputError(`A job has at most ${MAX_TAGS} tags.`, ['input', 'tags']);
  }
  for (const [index, tag] of (tags ?? []).entries()) {
    if (!isOneLine(tag, MAX_TAG)) {
      throw new InvalidInputError(
        `A tag is one line of 1 to ${MAX_TAG} characters, without control or bidirectional formatting characters.`,
        ['input', 'tags', String(index)],
      );
    }
  }
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > MAX_KEY)) {
    throw new InvalidInputError(`An idempotencyKey has 1 to ${MAX_KEY} characters.`, ['input', 'idempotencyKey']);
  }
}

/** Whether text fits on one line of a list or a log, and is displayed as it is: clients send it back in filters. */
function isOneLine(text: string, max: number): boolean {
  return text.trim() !== '' && text.length <= max && !text.includes('\t') && visibleLine(text) === text;
}
