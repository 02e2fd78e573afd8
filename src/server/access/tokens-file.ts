import { type FSWatcher, readFileSync, type Stats, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { MAX_TOKENS_BYTES, parseTokenLines, type Token } from '../../settings/tokens.ts';
import type { Logger } from '../logger.ts';
import type { TokenList } from './token-list.ts';

/** Interval at which the file is compared, ms. File events are a hint only: a network file system may send none. */
const POLL_MS = 500;
/** A file that changed this recently may change again without another modification time, ms. */
const UNSETTLED_MS = 2_000;

/**
 * Follows a tokens file. A new version applies as soon as the server sees it. A version with an error changes nothing and is
 * logged, so a typing error locks no user out. An empty file locks every user out, but only once it is still empty at the next
 * look: some programs truncate a file before they write it.
 * @param path of a file that contained `initial` a moment ago
 */
export function followTokensFile(path: string, initial: readonly Token[], logger: Logger): TokenList {
  const listeners: (() => void)[] = [];
  let current = initial;
  let seen: string | null = null;
  let reported: string | null = null;
  let emptySince: number | null = null;

  function look(): void {
    const stats = statSync(path, { throwIfNoEntry: false });
    const stamp = stats && stampOf(stats);
    if (stamp !== undefined && stamp === seen) return;
    seen = stamp ?? null;
    apply(readTokens(path, stats));
  }

  function apply(tokens: readonly Token[] | string): void {
    if (typeof tokens === 'string') {
      report(tokens);
      return;
    }
    if (tokens.length === 0) {
      emptySince ??= performance.now();
      if (performance.now() - emptySince < POLL_MS / 2) {
        seen = null;
        return;
      }
    } else emptySince = null;
    reported = null;
    if (describe(tokens) === describe(current)) return;
    current = tokens;
    if (tokens.length === 0) logger.warn({ path }, 'the tokens file has no token now, so every request is refused');
    else logger.info({ path, tokens: tokens.length }, 'the tokens file has changed; its tokens apply now');
    for (const listener of listeners) listener();
  }

  function report(problem: string): void {
    if (problem === reported) return;
    reported = problem;
    logger.error({ path, problem }, `TRAINYARD_TOKENS_FILE ${problem}. The tokens that were read before stay valid.`);
  }

  function safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      report(`must name a readable file, and it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    }
  }

  const timer = setInterval(() => safely(look), POLL_MS).unref();
  const watcher = watchFolder(path, () => safely(look));

  return {
    get current() {
      return current;
    },
    reload() {
      seen = null;
      reported = null;
      safely(look);
    },
    onChange: (listener) => void listeners.push(listener),
    [Symbol.dispose]() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

/** Identifies a version of the file; undefined while another version could still look the same. */
function stampOf({ ino, size, mtimeMs, ctimeMs }: Stats): string | undefined {
  return Date.now() - ctimeMs < UNSETTLED_MS ? undefined : `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

function readTokens(path: string, stats: Stats | undefined): readonly Token[] | string {
  if (!stats?.isFile()) return 'must name a file, and there is none at this path now';
  if (stats.size > MAX_TOKENS_BYTES) return `must name a file of at most ${MAX_TOKENS_BYTES} bytes`;
  return parseTokenLines(readFileSync(path, 'utf8'));
}

function describe(tokens: readonly Token[]): string {
  return JSON.stringify(tokens.map(({ digest, ...rest }) => [digest.toString('hex'), rest]));
}

/** The folder is watched, not the file: editors replace files. */
function watchFolder(path: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) changed();
    });
    // The poll continues without it.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
