import { onTestFinished } from 'vitest';
import { createEventChannel, type EventChannel } from '../../src/runner/events.ts';
import type { Logger } from '../../src/runner/index.ts';
import { type Database, openDatabase } from '../../src/runner/store/database.ts';
import { createFleetRecord, type FleetRecord } from '../../src/runner/store/fleet-record.ts';
import { createJobRecord, type JobRecord } from '../../src/runner/store/job-record.ts';
import { createJobStore, type JobStore } from '../../src/runner/store/job-store.ts';

/** Jobs over a real database in the folder `home`, which is closed after the test. */
export function jobStoreOn(home: string, logger: Logger): OpenJobStore {
  const opened = openDatabase(`${home}/trainyard.db`, home);
  const database: Database = {
    ...opened,
    close() {
      jobs.index.close();
      opened.close();
    },
  };
  onTestFinished(() => database.close());
  const fleet = createFleetRecord(database);
  const record = createJobRecord(database, fleet);
  const events = createEventChannel(logger);
  const jobs = createJobStore({ record, fleet, events, alsoRecord: () => undefined });
  return { database, fleet, record, events, jobs };
}

export interface OpenJobStore {
  readonly database: Database;
  readonly fleet: FleetRecord;
  readonly record: JobRecord;
  readonly events: EventChannel;
  readonly jobs: JobStore;
}
