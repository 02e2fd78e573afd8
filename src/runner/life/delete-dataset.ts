import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findDataset } from '../datasets/find.ts';
import type { Home } from '../home.ts';
import { DatasetInUseError, DatasetNotFoundError } from '../job/errors.ts';
import { isTerminal } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { StorageLimits } from '../storage/storage-limits.ts';
import type { JobIndex } from '../store/job-index.ts';

/** Deletes a file in `datasets/`. @throws DatasetNotFoundError, DatasetInUseError */
export type DeleteDataset = (name: string) => Promise<void>;

export function createDeleteDataset(
  home: Home,
  index: Pick<JobIndex, 'select' | 'indexed'>,
  storage: Pick<StorageLimits, 'forgetDataset'>,
): DeleteDataset {
  return async (name) => {
    const file = await findDataset(home, name);
    if (file === null) throw new DatasetNotFoundError(name);
    await index.indexed;
    // A job may name the file in another form, such as `./houses.csv`.
    const users = index.select({}).filter((job) => needsDataset(job) && usesFile(home, job, file.name));
    if (users.length > 0) throw new DatasetInUseError(name, users.map(({ id }) => id).sort());
    // Not the file that a link leads to.
    await rm(join(home.datasets, file.name), { force: true });
    storage.forgetDataset(file.name);
  };
}

/** Whether a job reads its dataset now or will do so without a further request. */
function needsDataset({ state, retryAt }: Job): boolean {
  return !isTerminal(state.status) || retryAt !== null;
}

function usesFile(home: Home, { request }: Job, name: string): boolean {
  return request.dataset !== null && join(home.datasets, request.dataset) === join(home.datasets, name);
}
