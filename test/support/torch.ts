import { spawnSync } from 'node:child_process';
import { PYTHON } from './runner.ts';

/** Whether the Python of the tests has PyTorch. Tests of real trainings are skipped without it; CI has it. */
export const HAS_TORCH =
  spawnSync(PYTHON, ['-c', 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'])
    .status === 0;
