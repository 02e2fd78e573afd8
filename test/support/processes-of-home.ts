import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills all processes of a home except this one: a server, and the processes of its jobs, which are detached and outlive it.
 * @returns their number
 */
export function killProcessesOf(home: string): number {
  // A script under test may replace the command line, but it inherits the environment of its supervisor.
  return killProcesses(
    (command, environment) =>
      command.split('\0').includes(home) || environment.split('\0').includes(`TRAINYARD_HOME=${home}`),
  );
}

/**
 * Kills all processes that match, except this one. Linux only. Pids are reused: a pid alone proves nothing.
 * @param matches decides by the command line and the environment, whose parts end with NUL
 * @returns their number
 */
export function killProcesses(matches: (command: string, environment: string) => boolean): number {
  const pids = allPids().filter((pid) => pid !== process.pid && isMatch(pid, matches));
  for (const pid of pids) kill(pid);
  return pids.length;
}

function isMatch(pid: number, matches: (command: string, environment: string) => boolean): boolean {
  try {
    const [command, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return matches(command ?? '', environment ?? '');
  } catch {
    // It has just ended, or belongs to another user.
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // Not Linux.
  }
}
