/** Control characters except tab and the ends of lines; a carriage return ends a line only before a line feed. */
// eslint-disable-next-line no-control-regex -- These are what the function looks for.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)/g;
// eslint-disable-next-line no-control-regex -- As above.
const CONTROL_IN_LINE = /[\0-\x08\n-\x1f\x7f-\x9f]/g;
/** Unicode's Bidi_Control characters. They show text in another order than it is written: https://trojansource.codes. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Replaces control characters and bidirectional formatting characters by visible ones: `␇` for a bell, `<U+202E>` for a right-to-left override.
 * They could move the cursor of a terminal, set its clipboard, or make one text look like another. Keeps tabs and line ends.
 */
export function visibleText(text: string): string {
  return replace(text, CONTROL);
}

/** As {@link visibleText}, for a name or a line: replaces line ends as well. */
export function visibleLine(text: string): string {
  return replace(text, CONTROL_IN_LINE);
}

function replace(text: string, control: RegExp): string {
  // Nearly every text has none, and a search is cheap.
  if (text.search(control) === -1 && text.search(REORDERING) === -1) return text;
  return text.replaceAll(control, picture).replaceAll(REORDERING, codePoint);
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  // Unicode has pictures for the characters below U+0020 only.
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : codePoint(character);
}

const codePoint = (character: string) => `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
