/**
 * At most `most` characters (UTF-16 units) of a text, with an ellipsis for what is left out. Whatever a message says about text that
 * somebody sent goes through here, so that no message grows with what was sent.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is no character.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The beginning of a text in quotes, as JSON: at most 64 characters unless `most` says otherwise. */
export function quote(text: string, most = 64): string {
  return JSON.stringify(shorten(text, most));
}
