import { stripVTControlCharacters } from 'node:util';
import { visibleLine } from '../job/visible-text.ts';

/** A line of output without terminal sequences (colours, for example), and with other control characters made visible. */
export function sanitizeText(text: string): string {
  // Nearly every line is plain already, and this check is cheap.
  return visibleLine(text) === text ? text : visibleLine(stripVTControlCharacters(text));
}
