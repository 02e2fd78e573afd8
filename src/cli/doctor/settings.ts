import { type Finding, wrong } from './check.ts';

/** Checks the settings as a server does at its start: one finding for each problem, and none when all are correct. */
export async function checkSettings(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  // Not imported at the top: the other commands start faster without it.
  const { readSettings, SettingsError } = await import('../../settings/settings.ts');
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map((problem) => wrong('Settings', problem, 'Correct the environment variable or the flag.'));
  }
}
