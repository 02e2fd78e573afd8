import { stripVTControlCharacters, styleText } from 'node:util';

/** Styles that the commands use; a subset of those of `util.styleText`. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** A terminal with one live line at the bottom, or a plain stream of lines where there is no terminal. */
export interface Screen extends Disposable {
  /** Whether a live line can be drawn. */
  readonly interactive: boolean;
  /** Visible columns; 80 where there is no terminal. */
  readonly columns: number;
  /** Whether the terminal shows block characters. */
  readonly unicode: boolean;
  /** Prints a line that stays, above the live line. */
  print(line?: string): void;
  /** Replaces the live line; ignored without a terminal. Cut to the width of the terminal. */
  live(line: string): void;
  /** Removes the live line and shows the cursor again. May be called at any time. */
  clear(): void;
  /** `text` in a style; plain where colours are off (no terminal, NO_COLOR; FORCE_COLOR turns them on). */
  style(style: Style | readonly Style[], text: string): string;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_LINE = '\r\u001b[2K';

/** Draws on `stream`. Dispose it, or call `clear()`, before the process ends: a hidden cursor outlives it. */
export function createScreen(stream: NodeJS.WriteStream = process.stdout, environment = process.env): Screen {
  const interactive = stream.isTTY && environment['TERM'] !== 'dumb';
  let current: string | null = null;

  const write = (text: string) => {
    // A reader that went away (`| head`) is not a reason to end in the middle of a training.
    if (!stream.destroyed) stream.write(text);
  };
  const fit = (line: string) => {
    const width = screen.columns - 1;
    const visible = stripVTControlCharacters(line);
    // A cut must not fall into a colour code, so a line that is too long loses its colours.
    return visible.length <= width ? line : visible.slice(0, width);
  };
  const screen: Screen = {
    interactive,
    get columns() {
      return (interactive ? stream.columns : undefined) || 80;
    },
    unicode: /utf-?8/i.test(environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''),
    print(line = '') {
      if (current === null) write(`${line}\n`);
      else write(`${ERASE_LINE}${line}\n${fit(current)}`);
    },
    live(line) {
      if (!interactive) return;
      write(`${current === null ? HIDE_CURSOR : ''}${ERASE_LINE}${fit(line)}`);
      current = line;
    },
    clear() {
      if (current === null) return;
      write(`${ERASE_LINE}${SHOW_CURSOR}`);
      current = null;
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
