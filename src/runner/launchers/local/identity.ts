import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isCode } from '../../system-errors.ts';
import type { ProcessIdentity } from '../../job/reports.ts';

/** Liveness of a process. `UNKNOWN`: it could not be observed, which proves nothing. */
export type Liveness = 'ALIVE' | 'DEAD' | 'UNKNOWN';

const linux = process.platform === 'linux';
const run = promisify(execFile);

/** The boot id of this machine's kernel; `''` where there is none to read. */
export function readBootId(): string {
  if (!linux) return '';
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

interface ProcessStat {
  readonly state: string;
  readonly group: number;
  readonly startTime: string;
  /** It has begun to exit: killed or not, its memory and with it its command line are gone or going. Linux only. */
  readonly isExiting: boolean;
  /** Linux only. */
  readonly leadsSession: boolean;
}

/** PF_EXITING of the kernel's `include/linux/sched.h`. */
const EXITING = 0x4;

/** Undefined when there is no such process. */
async function statOf(pid: number): Promise<ProcessStat | undefined> {
  if (!linux) {
    // `ps` exits with 1 where there is no such process.
    const env = { ...process.env, LC_ALL: 'C' }; // Months by their English names, as the Python side reads them.
    const output = await run('ps', ['-o', 'stat=,pgid=,lstart=', '-p', String(pid)], { env }).catch(
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 1) return undefined;
        throw error;
      },
    );
    const match = /^\s*(\S)\S*\s+(\d+)\s+(.*\S)\s*$/.exec(output?.stdout ?? '');
    if (!match) return undefined;
    return {
      state: String(match[1]),
      group: Number(match[2]),
      startTime: String(match[3]),
      isExiting: false,
      leadsSession: false,
    };
  }
  try {
    // Memory of the kernel: passing the read to a thread would take ten times as long.
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command, in parentheses, may itself hold spaces and parentheses: fields are counted from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      state: fields[0] ?? '',
      group: Number(fields[2]),
      startTime: fields[19] ?? '',
      isExiting: (Number(fields[6]) & EXITING) !== 0,
      leadsSession: Number(fields[3]) === pid,
    };
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

// A zombie still answers `kill(pid, 0)` and has a stat file, but it has ended.
const ended = (stat: ProcessStat) => stat.state === 'Z' || stat.state === 'X';

/** The identity of the process that has this pid now; undefined when there is none. */
export async function identityOf(pid: number, bootId: string): Promise<ProcessIdentity | undefined> {
  const stat = await statOf(pid);
  return stat && !ended(stat) ? { pid, startTime: stat.startTime, bootId } : undefined;
}

/** Whether both name the same process. */
export function isSame(a: ProcessIdentity, b: ProcessIdentity | null | undefined): boolean {
  return a.pid === b?.pid && a.startTime === b.startTime && a.bootId === b.bootId;
}

/** Whether exactly the process that `identity` names still lives. */
export async function livenessOf(identity: ProcessIdentity, bootId: string): Promise<Liveness> {
  if (identity.bootId !== bootId) return 'DEAD';
  try {
    const stat = await statOf(identity.pid);
    return stat && stat.startTime === identity.startTime && !ended(stat) ? 'ALIVE' : 'DEAD';
  } catch {
    return 'UNKNOWN';
  }
}

/**
 * Whether any process of the group that `leader` led still lives, also after the leader's own death. Safe against reuse:
 * the kernel gives no new process a number that still names a group.
 */
export async function groupLiveness(leader: ProcessIdentity, bootId: string): Promise<Liveness> {
  if (leader.bootId !== bootId) return 'DEAD';
  try {
    process.kill(-leader.pid, 0);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return 'DEAD';
    if (!isCode(error, 'EPERM')) return 'UNKNOWN';
  }
  if (!linux) return 'ALIVE';
  try {
    // The group may hold only zombies, which are never reaped in a container without an init process.
    const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
    for (const pid of pids) {
      const stat = await statOf(pid);
      if (stat?.group === leader.pid && !ended(stat)) {
        // The same number with another start time at its head is another group.
        const head = pid === leader.pid ? stat : await statOf(leader.pid);
        return head && head.startTime !== leader.startTime ? 'DEAD' : 'ALIVE';
      }
    }
    return 'DEAD';
  } catch {
    return 'UNKNOWN';
  }
}

/**
 * The trainer of a job whose pid was not recorded, found by its command line. Linux only; elsewhere undefined.
 */
export function findTrainer(jobId: string, bootId: string): Promise<ProcessIdentity | 'UNKNOWN' | undefined> {
  return findByCommand((words) => isTrainer(words) && words.includes(jobId), bootId);
}

/**
 * A process of a job that was not reported yet: a supervisor that an earlier server spawned, or a trainer, also one that a
 * supervisor had only forked: it has the supervisor's command line until it has its own.
 */
export function findAnyProcess(jobId: string, bootId: string): Promise<ProcessIdentity | 'UNKNOWN' | undefined> {
  const isOurs = (words: readonly string[]) => words.includes('trainyard.supervisor') || isTrainer(words);
  return findByCommand((words) => isOurs(words) && words.includes(jobId), bootId);
}

const isTrainer = (words: readonly string[]) => words.includes('trainyard') && words.includes('train');

async function findByCommand(
  matches: (words: readonly string[]) => boolean,
  bootId: string,
): Promise<ProcessIdentity | 'UNKNOWN' | undefined> {
  if (!linux) return undefined;
  let isOneNameless = false;
  try {
    for (const name of await readdir('/proc')) {
      const pid = Number(name);
      if (!(pid > 0)) continue;
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch((error: unknown) => {
        // It has ended, or belongs to another user and is hidden. Any other error means that it could not be observed.
        if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].some((code) => isCode(error, code))) return '';
        throw error;
      });
      if (command === '') {
        // A process that was killed has no command line while its memory is being freed, which takes long where there is
        // much of it; it lives until then. Trainers and supervisors lead sessions, so others are not waited for.
        const stat = await statOf(pid);
        isOneNameless ||= stat !== undefined && stat.isExiting && stat.leadsSession && !ended(stat);
        continue;
      }
      if (!matches(command.split('\0'))) continue;
      const identity = await identityOf(pid, bootId);
      if (identity) return identity;
    }
    return isOneNameless ? 'UNKNOWN' : undefined;
  } catch {
    return 'UNKNOWN';
  }
}
