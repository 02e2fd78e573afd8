/**
 * At most `most` characters (UTF-16 units) of a text, with an ellipsis for what is left out. Every message
 * that repeats text from a client uses it, so that no message grows with that text.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is not a character.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The beginning of a text in quotes, as JSON: at most 64 characters unless `most` says otherwise. */
export function quote(text: string, most = 64): string {
  return JSON.stringify(shorten(text, most));
}
