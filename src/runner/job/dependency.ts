export const DEPENDENCY_CONDITIONS = ['AFTER_OK', 'AFTER_END', 'AFTER_FAILURE'] as const;

/** When a dependency is met: after the other job COMPLETED, after it ended in any way, or after it ended as ERROR. */
export type DependencyCondition = (typeof DEPENDENCY_CONDITIONS)[number];

/** A job starts only after another one. */
export interface Dependency {
  readonly jobId: string;
  readonly when: DependencyCondition;
}

/** Maximum number of dependencies of one job. */
export const MAX_DEPENDENCIES = 100;

/** The required end of the other job by condition, as text for messages. */
export const CONDITION_VERB = { AFTER_OK: 'complete', AFTER_END: 'end', AFTER_FAILURE: 'fail' } as const;
