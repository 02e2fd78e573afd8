import type { JobDetailFragment } from '../graphql/graphql.ts';
import { shownSettings } from '../job/shown-settings.ts';
import { writeOption } from '../start/option-schema.ts';

/** A setting in which the compared jobs differ: its name, and its value for each job. */
export interface DifferingSetting {
  readonly name: string;
  readonly values: readonly string[];
}

/** The settings that are not the same for all jobs. */
export function differingSettings(jobs: readonly JobDetailFragment[]): DifferingSetting[] {
  const settings = jobs.map(settingsOf);
  const names = new Set(settings.flatMap((each) => Object.keys(each)));
  return [...names]
    .map((name) => ({ name, values: settings.map((each) => writeOption(each[name])) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function settingsOf(job: JobDetailFragment): Record<string, unknown> {
  const { dataset, trainer, processes } = job;
  const settings = shownSettings(job).map(({ name, value }) => [name, value]);
  return {
    dataset,
    trainer,
    ...(Object.fromEntries(settings) as Record<string, unknown>),
    arguments: job.arguments.join(' '),
    processes,
  };
}

/** A label for each job: its name, with the end of its id where several jobs have the same name. */
export function labelJobs(jobs: readonly Pick<JobDetailFragment, 'id' | 'name'>[]): string[] {
  const names = jobs.map(({ id, name }) => name ?? id);
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${jobs[index]?.id.slice(-8) ?? ''})`,
  );
}
