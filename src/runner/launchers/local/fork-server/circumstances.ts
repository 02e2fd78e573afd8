import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Python } from '../../../python/interpreter.ts';
import { VERSION } from './messages.ts';

/** Lines of `/proc/self/status` with what a process inherits. */
const INHERITED =
  /^(Umask|Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp|Cpus_allowed|Mems_allowed):/;
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

/**
 * A digest of everything that a process inherits from this server: interpreter, environment, user, limits, control group, namespaces and
 * priority. A fork server with another digest was started by a server that would start its trainings differently. Linux only.
 */
export function digestCircumstances(python: Python): string {
  const { cwd, env } = python.spawnOptions;
  const status = readFileSync('/proc/self/status', 'utf8').split('\n');
  const facts = [
    VERSION,
    python.path,
    cwd,
    Object.entries(env).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    getPriority(),
    status.filter((line) => INHERITED.test(line)),
    readFileSync('/proc/self/limits', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
    NAMESPACES.map((name) => readlinkSync(`/proc/self/ns/${name}`)),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
