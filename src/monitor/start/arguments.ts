import { FormError } from './form-error.ts';

/**
 * Splits a line into arguments as a shell does: at spaces, except between quotes. Nothing is expanded.
 * @throws FormError when a quote is not closed
 */
export function readArguments(line: string): string[] {
  const parts = line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+|["'\\]/gs);
  return [...parts].map(([part]) => {
    if (part === '"' || part === "'" || part === '\\') {
      throw new FormError('arguments', 'A quote is not closed. Write an argument with spaces as "like this".');
    }
    return part.replaceAll(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        double === undefined ? (single ?? escaped ?? '') : double.replaceAll(/\\(["\\])/g, '$1'),
    );
  });
}

/** Writes arguments as a line that {@link readArguments} reads. */
export function writeArguments(all: readonly string[]): string {
  return all
    .map((argument) => (/^[^\s"'\\]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
