/** The comparison of jobs, the same in the terminal and on the page. */
import { type JobWithSettings, shownSettings, writeOption } from './job-settings.ts';

/** The fields of a job that a comparison needs: see `Job` in the schema. */
export interface ComparedJob extends JobWithSettings {
  readonly dataset: string | null;
  readonly trainer: string;
  readonly arguments: readonly string[];
  readonly processes: number;
}

/** A setting in which the compared jobs differ: its name, and its value for each job. */
export interface DifferingSetting {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * The settings that are not the same for all jobs. The value is empty for a job that does not have the setting, or has not reported it yet.
 * What a simulation or a queued job has not reported is a difference only if another job was given the setting.
 */
export function differingSettings(jobs: readonly ComparedJob[]): DifferingSetting[] {
  const settings = jobs.map(settingsOf);
  const names = new Set(settings.flatMap((each) => Object.keys(each)));
  return [...names]
    .map((name) => ({ name, values: settings.map((each) => writeOption(each[name])) }))
    .filter(({ name, values }) => {
      const isGiven = jobs.some((job) => shownSettings(job).some((each) => each.name === name && each.isGiven));
      const known = values.filter((value, index) => isGiven || value !== '' || jobs[index]?.settings !== null);
      return new Set(known).size > 1;
    });
}

function settingsOf(job: ComparedJob): Record<string, unknown> {
  const { dataset, trainer, processes } = job;
  const settings = shownSettings(job).map(({ name, value }) => [name, value]);
  return {
    dataset,
    trainer,
    ...(Object.fromEntries(settings) as Record<string, unknown>),
    arguments: job.arguments.join(' ') || 'none',
    processes,
  };
}

/** A label for each job: its name, with the end of its id where several jobs have the same name. */
export function labelJobs(jobs: readonly { readonly id: string; readonly name: string | null }[]): string[] {
  const names = jobs.map(({ id, name }) => name ?? id);
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${jobs[index]?.id.slice(-8) ?? ''})`,
  );
}
