import type { DependencyCondition, JobStatus } from '../../src/runner/index.ts';
import type { Random } from './random.ts';

/** Jobs with dependencies on earlier ones, and groups. */
export interface DrawnOrder {
  readonly jobs: readonly {
    readonly dependsOn: readonly { readonly index: number; readonly when: DependencyCondition }[];
    readonly group: string | null;
  }[];
  readonly groups: readonly { readonly name: string; readonly limit: number }[];
  /** How each job has to end: STOPPED if one of its dependencies cannot be met any more. */
  readonly expected: readonly JobStatus[];
}

/** A diamond, and six jobs of a group with two slots. */
export const DIAMOND: DrawnOrder = withExpected({
  jobs: [[], [0], [0], [1, 2], [], [], [], [], [], []].map((others, index) => ({
    dependsOn: others.map((other) => ({ index: other, when: 'AFTER_OK' })),
    group: index < 4 ? null : 'pair',
  })),
  groups: [{ name: 'pair', limit: 2 }],
});

/** Twelve jobs that no fault lets fail. */
export function drawOrder(random: Random): DrawnOrder {
  const groups = [1, 2, 3].slice(0, random.whole(0, 3)).map((limit) => ({ name: `group-${limit}`, limit }));
  const jobs = Array.from({ length: 12 }, (_, index) => {
    const others = new Set(
      Array.from({ length: index === 0 ? 0 : random.pick([0, 0, 1, 1, 2, 3]) }, () => random.whole(0, index - 1)),
    );
    const when = () => random.pick(['AFTER_OK', 'AFTER_OK', 'AFTER_OK', 'AFTER_END', 'AFTER_FAILURE'] as const);
    return {
      dependsOn: [...others].map((other) => ({ index: other, when: when() })),
      group: groups.length > 0 && random.chance(0.6) ? random.pick(groups).name : null,
    };
  });
  return withExpected({ jobs, groups });
}

function withExpected({ jobs, groups }: Omit<DrawnOrder, 'expected'>): DrawnOrder {
  const expected: JobStatus[] = [];
  for (const { dependsOn } of jobs) {
    const canStart = dependsOn.every(({ index, when }) => {
      if (when === 'AFTER_END') return true;
      return when === 'AFTER_OK' && expected[index] === 'COMPLETED';
    });
    expected.push(canStart ? 'COMPLETED' : 'STOPPED');
  }
  return { jobs, groups, expected };
}
