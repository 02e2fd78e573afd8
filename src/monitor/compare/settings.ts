import type { JobDetailFragment } from '../graphql/graphql.ts';
import { writeOption } from '../start/option-schema.ts';

/** A setting in which the compared jobs differ: its name, and its value for each of them. */
export interface DifferingSetting {
  readonly name: string;
  readonly values: readonly string[];
}

/** What the jobs were given that others of them were not: why their curves differ. */
export function differingSettings(jobs: readonly JobDetailFragment[]): DifferingSetting[] {
  const settings = jobs.map(settingsOf);
  const names = new Set(settings.flatMap((each) => Object.keys(each)));
  return [...names]
    .map((name) => ({ name, values: settings.map((each) => writeOption(each[name])) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function settingsOf(job: JobDetailFragment): Record<string, unknown> {
  const { dataset, trainer, epochs, batchSize, learningRate, seed } = job;
  const options = job.options as Record<string, unknown>;
  return { dataset, trainer, epochs, 'batch size': batchSize, 'learning rate': learningRate, seed, ...options };
}

/** What each job is called, told apart where several have the same name. */
export function labelsOf(jobs: readonly Pick<JobDetailFragment, 'id' | 'name'>[]): string[] {
  const names = jobs.map(({ id, name }) => name ?? id);
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${jobs[index]?.id.slice(-8) ?? ''})`,
  );
}
