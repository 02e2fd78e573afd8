import { type Database, sql as storeSql } from '../store/database.ts';

/** The table that this file owns: who uploaded which dataset. A dataset of no user has no row. */
type OwnerTables = { dataset_owners: { name: string; user: string } };

const sql = storeSql.$extendTables<OwnerTables>();

/** Who uploaded each dataset, for quotas. Files that were put into the folder by other means have no owner. */
export interface DatasetOwners {
  of(name: string): string | null;
  set(name: string, user: string | null): void;
  /** Forgets the owners of datasets that no longer exist. */
  keepOnly(exists: (name: string) => boolean): void;
}

export function createDatasetOwners(database: Database): DatasetOwners {
  const owners = new Map(
    database.all(sql.selectFrom('dataset_owners').selectAll()).map(({ name, user }) => [name, user]),
  );

  function set(name: string, user: string | null): void {
    if ((owners.get(name) ?? null) === user) return;
    database.run(
      user === null
        ? sql.deleteFrom('dataset_owners').where('name', '=', name)
        : sql
            .insertInto('dataset_owners')
            .values({ name, user })
            .onConflict((conflict) => conflict.column('name').doUpdateSet({ user })),
    );
    if (user === null) owners.delete(name);
    else owners.set(name, user);
  }

  return {
    of: (name) => owners.get(name) ?? null,
    set,
    keepOnly(exists) {
      for (const name of owners.keys()) if (!exists(name)) set(name, null);
    },
  };
}
