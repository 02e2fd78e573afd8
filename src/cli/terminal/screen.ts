import { stripVTControlCharacters, styleText } from 'node:util';
import { harmless } from './harmless.ts';

/** Styles that the commands use; a subset of those of `util.styleText`. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** A terminal with live lines at the bottom, or a plain stream of lines where there is no terminal. */
export interface Screen extends Disposable {
  /** Whether live lines can be drawn. */
  readonly interactive: boolean;
  /** Visible columns; 80 where there is no terminal. */
  readonly columns: number;
  /** Visible lines; 24 where there is no terminal. */
  readonly rows: number;
  /** Whether {@link style} does anything. */
  readonly colours: boolean;
  /** Whether the terminal shows block characters. */
  readonly unicode: boolean;
  /** Prints a line that stays, above the live lines. A terminal gets no control characters but colours. */
  print(line?: string): void;
  /** Replaces the live lines; ignored without a terminal. Cut to the size of the terminal. */
  live(lines: string | readonly string[]): void;
  /** Removes the live lines and shows the cursor again. May be called at any time. */
  clear(): void;
  /** `text` in a style; plain where colours are off (no terminal, NO_COLOR; FORCE_COLOR turns them on). */
  style(style: Style | readonly Style[], text: string): string;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ESCAPE = '\u001b';
const COLOUR = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`);
const ERASE_DOWN = '\u001b[J';

/** Draws on `stream`. Dispose it, or call `clear()`, before the process ends: a hidden cursor outlives it. */
export function createScreen(stream: NodeJS.WriteStream = process.stdout, environment = process.env): Screen {
  const interactive = stream.isTTY && environment['TERM'] !== 'dumb';
  let current: readonly string[] = [];

  const write = (text: string) => {
    // A reader that went away (`| head`) is not a reason to end in the middle of a training.
    if (!stream.destroyed) stream.write(text);
  };
  const draw = (lines: readonly string[]) =>
    lines
      .slice(0, Math.max(1, screen.rows - 1))
      .map((line) => cutToWidth(line, screen.columns - 1))
      .join('\n');
  /** From the end of the last live line back to the beginning of the first. */
  const erase = () => {
    const above = Math.min(current.length, Math.max(1, screen.rows - 1)) - 1;
    // Of no lines as well: whatever stands in the line of the cursor (`^C`) is overwritten.
    return `\r${above > 0 ? `\u001b[${above}A` : ''}${ERASE_DOWN}`;
  };
  const screen: Screen = {
    interactive,
    get columns() {
      return (interactive ? stream.columns : undefined) || 80;
    },
    get rows() {
      return (interactive ? stream.rows : undefined) || 24;
    },
    colours: styleText('bold', 'x', { stream }) !== 'x',
    unicode: /utf-?8/i.test(environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''),
    print(given = '') {
      const line = stream.isTTY ? harmless(given) : given;
      if (current.length === 0) write(`${line}\n`);
      else write(`${erase()}${line}\n${draw(current)}`);
    },
    live(given) {
      if (!interactive) return;
      const lines = (typeof given === 'string' ? [given] : given).map(harmless);
      if (lines.length === 0) {
        screen.clear();
        return;
      }
      write(`${current.length === 0 ? HIDE_CURSOR : ''}${erase()}${draw(lines)}`);
      current = lines;
    },
    clear() {
      if (current.length === 0) return;
      write(`${erase()}${SHOW_CURSOR}`);
      current = [];
    },
    style(style, text) {
      return styleText(style as Style[], text, { stream });
    },
    [Symbol.dispose]() {
      screen.clear();
    },
  };
  return screen;
}

/** The first `width` visible characters of a line. Its colours are kept, and end with it. */
function cutToWidth(line: string, width: number): string {
  if (stripVTControlCharacters(line).length <= width) return line;
  let left = width;
  return line
    .split(COLOUR)
    .map((part) => {
      if (part.startsWith(ESCAPE)) return part;
      const shown = part.slice(0, left);
      left -= shown.length;
      return shown;
    })
    .join('');
}
