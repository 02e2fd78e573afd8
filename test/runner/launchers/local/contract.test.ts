import { createLocalLauncher } from '../../../../src/runner/launchers/local/create-local-launcher.ts';
import { recordedLog } from '../../../support/runner.ts';
import { describeLauncher } from '../contract.ts';
import { processWorld } from '../process-world.ts';

describeLauncher('local', () =>
  Promise.resolve(
    processWorld((parts) => createLocalLauncher({ ...parts, slots: 2, gpus: ['0', '1', '3'], logger: recordedLog() })),
  ),
);
