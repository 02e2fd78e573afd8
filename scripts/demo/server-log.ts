/**
 * A line of the server's log (one JSON object) as a person reads it: the message and the error behind it. Any other line
 * is left as it is.
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
