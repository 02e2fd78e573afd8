const ESCAPE = '\u001b';

/**
 * Text without what a terminal obeys rather than shows, but for colours, tabs and line ends. Names, log lines and messages come from
 * whoever may use the server, and could otherwise move the cursor, set the clipboard or worse.
 */
export function harmless(text: string): string {
  return text.replace(/(\p{Cc})(\[[\d;]*m)?/gu, (found, control: string, colour = '') => {
    const stays = control === ESCAPE ? colour !== '' : control === '\t' || control === '\n';
    return stays ? found : String(colour);
  });
}
