import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills all processes of a home except this one: a server, and the processes of its jobs, which are detached and outlive it.
 * @returns their number
 */
export function killProcessesOf(home: string): number {
  const pids = allPids().filter((pid) => pid !== process.pid && belongsTo(pid, home));
  for (const pid of pids) kill(pid);
  return pids.length;
}

/** Whether a process has this home on its command line or in its environment. Pids are reused: a pid alone proves nothing. */
function belongsTo(pid: number, home: string): boolean {
  try {
    // A script under test may replace the command line, but it inherits the environment of its supervisor.
    const [command = [], environment = []] = ['cmdline', 'environ'].map((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0'),
    );
    return command.includes(home) || environment.includes(`TRAINYARD_HOME=${home}`);
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
