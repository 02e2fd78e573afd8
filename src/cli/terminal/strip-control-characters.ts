const ESCAPE = '\u001b';

/**
 * Removes control characters that a terminal would execute; keeps colours, tabs and line ends. Names, log lines and messages come from other
 * users of the server, and could otherwise move the cursor or set the clipboard.
 */
export function stripControlCharacters(text: string): string {
  return text.replace(/(\p{Cc})(\[[\d;]*m)?/gu, (found, control: string, colour = '') => {
    const isAllowed = control === ESCAPE ? colour !== '' : control === '\t' || control === '\n';
    return isAllowed ? found : String(colour);
  });
}
