import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';

export const FAILURE_CODES = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS', 'ESTALE'] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** Calls that this process makes to the file system and to SQLite, some of which fail. Disposing restores every function. */
export interface FailingCalls extends Disposable {
  /** Every call so far, by name: the function and its target, without job ids. */
  readonly calls: readonly string[];
  /** The calls that were made to fail. */
  readonly failed: readonly string[];
}

/** Which call fails, and how: the `occurrence`-th (from 1) of those with this name, and the `repeated` ones after it. */
export interface Failure {
  readonly call: string;
  readonly occurrence: number;
  readonly code: FailureCode;
  /** Number of calls of any name that fail after it; default 0. */
  readonly repeated?: number;
}

const PROMISED = [
  'open',
  'rename',
  'rm',
  'unlink',
  'mkdir',
  'lstat',
  'stat',
  'readFile',
  'readdir',
  'realpath',
] as const;
const SYNCHRONOUS = ['mkdirSync', 'copyFileSync', 'watch'] as const;
// The same calls without waiting, which get the same names. `readFileSync` of a file never fails: the tests read files with it, and the
// runner uses it only at its start.
const AT_ONCE = { lstatSync: 'lstat', openSync: 'open', readFileSync: 'readFile' } as const;
const ON_DESCRIPTORS = { readSync: 'read', fstatSync: 'stat', closeSync: 'close' } as const;
const ON_HANDLES = ['read', 'writeFile', 'sync', 'stat', 'close'] as const;

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Records the calls about files under `home` and about processes, and makes some fail. Only calls of this process fail, as with
 * a full disk: the Python processes continue.
 */
export function failCalls(home: string, failure?: Failure): FailingCalls {
  const calls: string[] = [];
  const failed: string[] = [];
  const undo: (() => void)[] = [];
  const handles = new WeakMap<object, string>();
  const descriptors = new Map<number, string>();
  let seen = 0;
  let toFail = 0;

  /** Records a call; returns the error that it must fail with. */
  function note(call: string): Error | undefined {
    calls.push(call);
    if (call === failure?.call) {
      seen += 1;
      if (seen === failure.occurrence) toFail = 1 + (failure.repeated ?? 0);
    }
    if (!failure || toFail === 0) return undefined;
    toFail -= 1;
    failed.push(call);
    return systemError(failure.code, call);
  }

  function replace(owner: object, name: string, make: (real: AnyFunction) => AnyFunction): void {
    const functions = owner as Record<string, AnyFunction>;
    const real = functions[name] as AnyFunction;
    functions[name] = make(real);
    undo.push(() => (functions[name] = real));
  }

  for (const name of PROMISED) {
    replace(
      fs.promises,
      name,
      (real) =>
        async function (...args) {
          const subject = subjectOf(home, args[0]);
          const error = subject === undefined ? undefined : note(`${name} ${subject}`);
          if (error) throw error;
          const result = await real.apply(this, args);
          if (name === 'open' && subject !== undefined) watchHandle(result as object, subject);
          return result;
        },
    );
  }
  for (const name of SYNCHRONOUS) {
    replace(
      fs,
      name,
      (real) =>
        function (...args) {
          const subject = subjectOf(home, name === 'copyFileSync' ? args[1] : args[0]);
          const error = subject === undefined ? undefined : note(`${name} ${subject}`);
          if (error) throw error;
          return real.apply(this, args);
        },
    );
  }
  for (const [name, call] of Object.entries(AT_ONCE)) {
    replace(
      fs,
      name,
      (real) =>
        function (...args) {
          const subject = subjectOf(home, args[0]);
          const isTests = name === 'readFileSync' && subject !== '/proc/<pid>/stat';
          const error = subject === undefined || isTests ? undefined : note(`${call} ${subject}`);
          if (error) throw error;
          const result = real.apply(this, args);
          if (name === 'openSync' && subject !== undefined) descriptors.set(result as number, subject);
          return result;
        },
    );
  }
  for (const [name, call] of Object.entries(ON_DESCRIPTORS)) {
    replace(
      fs,
      name,
      (real) =>
        function (...args) {
          const descriptor = args[0] as number;
          const subject = descriptors.get(descriptor);
          const error = subject === undefined ? undefined : note(`${call} of ${subject}`);
          if (name === 'closeSync') descriptors.delete(descriptor);
          // A close that fails has closed the file nevertheless.
          if (error && name === 'closeSync') real.apply(this, args);
          if (error) throw error;
          return real.apply(this, args);
        },
    );
  }
  for (const [owner, names] of [
    [DatabaseSync.prototype, ['exec', 'prepare']],
    [StatementSync.prototype, ['run', 'all', 'get']],
  ] as const) {
    for (const name of names) {
      replace(
        owner,
        name,
        (real) =>
          function (...args) {
            const about = this instanceof StatementSync ? this.sourceSQL : String(args[0]);
            const error = note(`sql ${about.replaceAll(/\s+/g, ' ').slice(0, 40)}`);
            if (error) throw sqliteError(error);
            return real.apply(this, args);
          },
      );
    }
  }
  syncBuiltinESMExports();

  /** A handle's methods are its own copies from now on, so that no other handle is touched. */
  function watchHandle(handle: object, subject: string): void {
    handles.set(handle, subject);
    const methods = handle as Record<string, AnyFunction>;
    for (const name of ON_HANDLES) {
      const real = methods[name] as AnyFunction;
      methods[name] = async function (...args) {
        const error = note(`${name} of ${subject}`);
        // A close that fails has closed the file nevertheless.
        if (error && name === 'close') await real.apply(this, args);
        if (error) throw error;
        return real.apply(this, args);
      };
    }
  }

  return {
    calls,
    failed,
    [Symbol.dispose]() {
      for (const restore of undo) restore();
      syncBuiltinESMExports();
    },
  };
}

/** The target of a path: its place under the home or in `/proc`, without ids; undefined for all other files. */
function subjectOf(home: string, path: unknown): string | undefined {
  if (typeof path !== 'string') return undefined;
  if (path.startsWith('/proc')) return path.replaceAll(/\d+/g, '<pid>');
  if (!path.startsWith(home)) return undefined;
  return (
    path
      .slice(home.length + 1)
      .replaceAll(/job_\d+_[0-9a-f]{8}/g, '<job>')
      .replace(/\.[0-9a-f]{12}$/, '') || '.'
  );
}

const ERROR_NUMBERS: Readonly<Record<FailureCode, number>> = {
  ENOSPC: -28,
  EIO: -5,
  EMFILE: -24,
  EROFS: -30,
  ESTALE: -116,
};

function systemError(code: FailureCode, call: string): Error {
  return Object.assign(new Error(`${code}: planned by the test, ${call}`), {
    code,
    errno: ERROR_NUMBERS[code],
    syscall: call,
  });
}

/** SQLite's own messages. */
const SQLITE_ERRORS: Readonly<Record<FailureCode, readonly [number, string]>> = {
  ENOSPC: [13, 'database or disk is full'],
  EIO: [10, 'disk I/O error'],
  EMFILE: [14, 'unable to open database file'],
  EROFS: [8, 'attempt to write a readonly database'],
  ESTALE: [10, 'disk I/O error'],
};

function sqliteError({ code, message }: NodeJS.ErrnoException): Error {
  const [errcode, errstr] = SQLITE_ERRORS[code as FailureCode];
  return Object.assign(new Error(errstr, { cause: message }), { code: 'ERR_SQLITE_ERROR', errcode, errstr });
}
