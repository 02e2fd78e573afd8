/**
 * Formats a line of the server's log (one JSON object) for people: its message, and the error if there is one. Returns other lines unchanged.
 */
export function readableLogLine(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    if (typeof msg !== 'string') return line;
    return err?.message === undefined ? msg : `${msg}: ${err.message}`;
  } catch {
    return line;
  }
}
