import { styleText } from 'node:util';
import { stripControlCharacters } from './strip-control-characters.ts';
import { cutToWidth, wrapText } from './text-width.ts';

/** Text styles of the commands, a subset of those of `util.styleText`. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** A terminal with live lines at the bottom, or a plain stream of lines without a terminal. */
export interface Screen extends Disposable {
  /** Whether the screen can show live lines. */
  readonly interactive: boolean;
  /** Visible columns; 80 without a terminal. */
  readonly columns: number;
  /** Visible lines; 24 without a terminal. */
  readonly rows: number;
  /** Whether {@link style} has an effect. */
  readonly colours: boolean;
  /** Whether the terminal shows block characters. */
  readonly unicode: boolean;
  /** Prints a permanent line above the live lines. On a terminal it removes control characters except colours. */
  print(line?: string): void;
  /** Prints a permanent text. A terminal breaks it between words. */
  paragraph(text: string): void;
  /** Replaces the live lines, cut to the size of the terminal. Has no effect without a terminal. */
  live(lines: string | readonly string[]): void;
  /** Removes the live lines and shows the cursor. May be called at any time. */
  clear(): void;
  /** Styles text; returns it unchanged when colours are off (no terminal, or NO_COLOR; FORCE_COLOR turns them on). */
  style(style: Style | readonly Style[], text: string): string;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_DOWN = '\u001b[J';

/** Creates a screen on `stream`. Dispose it, or call `clear()`, before the process ends: otherwise the cursor stays hidden. */
export function createScreen(stream: NodeJS.WriteStream = process.stdout, environment = process.env): Screen {
  const interactive = stream.isTTY && environment['TERM'] !== 'dumb';
  let current: readonly string[] = [];

  const write = (text: string) => {
    // A closed pipe (`| head`) must not end a command in the middle of a training.
    if (!stream.destroyed) stream.write(text);
  };
  const draw = (lines: readonly string[]) =>
    lines
      .slice(0, Math.max(1, screen.rows - 1))
      .map((line) => cutToWidth(line, screen.columns - 1))
      .join('\n');
  /** Moves from the end of the last live line to the start of the first, and erases. */
  const erase = () => {
    const above = Math.min(current.length, Math.max(1, screen.rows - 1)) - 1;
    // Also without live lines: this overwrites text in the line of the cursor (`^C`).
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
      const line = stream.isTTY ? stripControlCharacters(given) : given;
      if (current.length === 0) write(`${line}\n`);
      else write(`${erase()}${line}\n${draw(current)}`);
    },
    paragraph(text) {
      for (const line of interactive ? wrapText(text, screen.columns - 1) : [text]) screen.print(line);
    },
    live(given) {
      if (!interactive) return;
      const lines = (typeof given === 'string' ? [given] : given).map(stripControlCharacters);
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
