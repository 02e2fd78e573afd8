import { stripVTControlCharacters } from 'node:util';

/** Control characters but for the tab. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x08\n-\x1f\x7f-\x9f]/g;
/** What makes a terminal or a page show text in another order than it is written: a line could pass for another one. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * `text` without what could harm whoever shows it: colours and other terminal sequences are left out, other control characters
 * become visible (`␇` for a bell), marks that reorder text are left out.
 */
export function harmless(text: string): string {
  // Nearly every line is plain already, and to find that out is cheap.
  if (text.search(CONTROL) === -1 && text.search(REORDERING) === -1) return text;
  return stripVTControlCharacters(text).replaceAll(CONTROL, visible).replaceAll(REORDERING, '');
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  // The C1 range has no pictures of its own.
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}
