import { stripVTControlCharacters } from 'node:util';

/** Control characters except the tab. */
// eslint-disable-next-line no-control-regex -- this expression must match them
const CONTROL = /[\0-\x08\n-\x1f\x7f-\x9f]/g;
/** Unicode marks that change the order in which text is shown: a line could look like another one. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes text safe to show in a terminal or on a page. Removes terminal sequences (colours, for example) and marks that reorder text;
 * replaces other control characters by visible symbols (`␇` for a bell).
 */
export function sanitizeText(text: string): string {
  // Nearly every line is plain already, and this check is cheap.
  if (text.search(CONTROL) === -1 && text.search(REORDERING) === -1) return text;
  return stripVTControlCharacters(text).replaceAll(CONTROL, visible).replaceAll(REORDERING, '');
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  // There are no symbols for the C1 range.
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}
