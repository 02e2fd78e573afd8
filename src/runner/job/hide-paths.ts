/**
 * An absolute path of at least two folders. Not the path of a URL or of a relative path: before its first slash is none of the
 * characters that those have there.
 */
const ABSOLUTE_PATH = /(?<![\w:/.~…-])(?:file:\/\/)?(?:\/[^\s/'"`<>|:,;()[\]{}]+){2,}\/?/g;
/** A path in quotes, as in Python's errors about files. It may contain spaces and the other quotes. */
const QUOTED_PATH = /(?<!\w)(?:'(\/[^'\n]+)'|"(\/[^"\n]+)")/g;

/**
 * Shortens each absolute path in a text from Python to its last name, for example `…/data.csv`. Clients of the API have no need to know
 * where the server keeps its files.
 * @param root a folder that is recognised also if its path contains spaces or quotes
 */
export function hidePaths(text: string, root?: string): string {
  return withoutRoot(text, root)
    .replace(QUOTED_PATH, (quoted, single: string | undefined, double: string | undefined) => {
      const path = single ?? double ?? '';
      const quote = quoted.charAt(0);
      return path.indexOf('/', 1) === -1 ? quoted : `${quote}${shortened(path)}${quote}`;
    })
    .replace(ABSOLUTE_PATH, shortened);
}

function withoutRoot(text: string, root: string | undefined): string {
  if (root === undefined || root === '/') return text;
  // Also as it is in a string of Python or of JSON.
  const forms = [root, root.replaceAll(/[\\']/g, '\\$&'), JSON.stringify(root).slice(1, -1)];
  return forms.reduce((left, form) => left.replaceAll(`${form}/`, '…/'), text);
}

function shortened(path: string): string {
  return `…/${path.split('/').findLast((name) => name !== '') ?? ''}`;
}
