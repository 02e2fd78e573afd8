import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { HomeInUseError } from '../job/errors.ts';
import { MIGRATIONS, type Tables } from './schema.ts';

/**
 * Kysely builds typed SQL; `node:sqlite` runs it at once. Kysely's own SQLite driver would put an `await` between the
 * statements of a transaction, and two transactions would mix on the one connection.
 */
export const sql = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

interface Prepared {
  readonly statement: StatementSync;
  /** The names of its result columns. */
  readonly columns: readonly string[];
}

export interface Database {
  run(query: Compilable): void;
  all<Row>(query: Compilable<Row>): Row[];
  /** Commits everything that `work` writes or, if it throws, nothing. `work` must not await. */
  transaction(work: () => void): void;
  close(): void;
}

/**
 * Opens, locks and migrates the database at `path`. The kernel releases the lock when this process ends, for any reason, so that no
 * stale lock file can keep a server from starting.
 * @throws HomeInUseError if another process has locked it
 */
export function openDatabase(path: string, home: string): Database {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // EXCLUSIVE before WAL: SQLite then uses no shared memory, and keeps the lock from the first access on.
    db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;',
    );
    db.exec('BEGIN IMMEDIATE; COMMIT;');
    migrate(db);
  } catch (error) {
    db.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) throw new HomeInUseError(home, { cause: error });
    throw error;
  }
  const statements = new Map<string, Prepared>();
  let inTransaction = false;

  /**
   * Ends a failed transaction, unless a full disk has rolled it back already. A rollback that fails is tried again before the next write,
   * which would otherwise become part of the transaction that is rolled back.
   */
  function leaveTransaction(): void {
    if (db.isTransaction) db.exec('ROLLBACK');
  }

  function prepared(query: Compilable): Prepared & { readonly parameters: SQLInputValue[] } {
    const compiled = query.compile();
    let known = statements.get(compiled.sql);
    if (!known) {
      const statement = db.prepare(compiled.sql);
      statement.setReturnArrays(true);
      known = { statement, columns: statement.columns().map(({ name }) => name) };
      statements.set(compiled.sql, known);
    }
    return { ...known, parameters: compiled.parameters as SQLInputValue[] };
  }

  return {
    run(query) {
      if (!inTransaction) leaveTransaction();
      const { statement, parameters } = prepared(query);
      statement.run(...parameters);
    },
    all<Row>(query: Compilable<Row>) {
      const { statement, columns, parameters } = prepared(query);
      // Objects of SQLite's binding take three times as long to create, and longer to read.
      return (statement.all(...parameters) as unknown as readonly SQLOutputValue[][]).map((values) => {
        const row: Record<string, unknown> = {};
        for (let index = 0; index < columns.length; index += 1) row[columns[index] as string] = values[index];
        return row as Row;
      });
    },
    transaction(work) {
      leaveTransaction();
      db.exec('BEGIN');
      inTransaction = true;
      try {
        work();
        db.exec('COMMIT');
      } catch (error) {
        try {
          leaveTransaction();
        } catch {
          // Tried again before the next write. Callers get the first error.
        }
        throw error;
      } finally {
        inTransaction = false;
      }
    },
    close() {
      if (db.isOpen) db.close();
    },
  };
}

function migrate(db: DatabaseSync): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new Error(
      `The database was written by a newer Trainyard (version ${version}). Update Trainyard, or set TRAINYARD_HOME to another folder.`,
    );
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index >= version) db.exec(`BEGIN; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
