import { stripVTControlCharacters } from 'node:util';

/** Text whose characters all have one column. */
const NARROW = /^[ -~\u2500-\u25ff…]*$/;
/** Characters that a terminal shows in two columns: wide and full-width characters of East Asia, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Characters that take no column: accents that combine with a letter, and joiners. */
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
const ESCAPE = '\u001b';
const COLOUR = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`);

/** Columns that a terminal needs for a text, without its colour sequences. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  return WITHOUT_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/** Cuts a line to `width` columns. Keeps all colour sequences. */
export function cutToWidth(line: string, width: number): string {
  if (textWidth(line) <= width) return line;
  let left = width;
  return line
    .split(COLOUR)
    .map((part, index) => {
      // Every second part is a colour sequence.
      if (index % 2 === 1) return part;
      let shown = '';
      for (const character of part) {
        left -= characterWidth(character);
        if (left < 0) break;
        shown += character;
      }
      return shown;
    })
    .join('');
}

/** Breaks a text between words into lines of at most `width` columns. A longer word stays whole. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && textWidth(line) + 1 + textWidth(word) <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
