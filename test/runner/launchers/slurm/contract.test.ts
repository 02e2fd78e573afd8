import { afterAll, beforeAll, describe } from 'vitest';
import { createSlurmLauncher } from '../../../../src/runner/launchers/slurm/create-slurm-launcher.ts';
import { type Cluster, NO_CLUSTER, startCluster } from '../../../slurm/cluster.ts';
import { recordedLog } from '../../../support/runner.ts';
import { describeLauncher } from '../contract.ts';
import { processWorld } from '../process-world.ts';

describe.skipIf(NO_CLUSTER)(`on a cluster${NO_CLUSTER === null ? '' : ` (skipped: ${NO_CLUSTER})`}`, () => {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.[Symbol.dispose]());

  describeLauncher('slurm', () =>
    Promise.resolve(
      processWorld((parts) =>
        createSlurmLauncher({ ...parts, pollMs: 100, visibleAfterMs: 500, logger: recordedLog() }),
      ),
    ),
  );
});
