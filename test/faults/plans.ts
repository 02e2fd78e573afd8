import type { RoundPlan } from './round.ts';

const FAULTS = {
  killServer: 3,
  freezeServer: 1,
  killTrainer: 3,
  killSupervisor: 2,
  killBoth: 1,
  freezeTrainer: 2,
  freezeSupervisor: 2,
  stopJob: 3,
  spoilStatusFile: 3,
  dropClient: 2,
};

/** Twenty jobs, short and long, and every kind of fault. */
export const ALL_FAULTS: Omit<RoundPlan, 'seed'> = {
  jobs: 20,
  slots: 6,
  epochs: [3, 60],
  stepSeconds: 0.05,
  faults: FAULTS,
  longestPause: 1200,
  longestFreeze: 1500,
  patienceSeconds: 240,
};

/** The same, with jobs that are forked, by a server that is killed and frozen too. */
export const WARM_FAULTS: Omit<RoundPlan, 'seed'> = {
  ...ALL_FAULTS,
  faults: { ...FAULTS, killForkServer: 3, freezeForkServer: 2 },
  environment: { TRAINYARD_WARM_START: 'on' },
};

/** Twenty jobs that last long enough for some dozens of servers to be killed over them, each at a random instant. */
export const KILLS_ONLY: Omit<RoundPlan, 'seed'> = {
  jobs: 20,
  slots: 6,
  epochs: [20, 150],
  stepSeconds: 0.1,
  faults: { killServer: 1 },
  longestPause: 4000,
  longestFreeze: 0,
  patienceSeconds: 400,
};

/** Makes a round short enough for the normal test run. */
export const SHORT = { epochs: [3, 25], stepSeconds: 0.03, longestFreeze: 800 } as const;
