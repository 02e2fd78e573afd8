import { setTimeout as delay } from 'node:timers/promises';
import { homeAt } from '../../src/runner/home.ts';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import { readHolder } from '../../src/runner/launchers/local/fork-server/folder.ts';
import type { RetryingClient } from './client.ts';
import type { ProcessStart, Treatment } from './history.ts';
import { readStarts, signal, stateOf } from './processes.ts';
import type { Random } from './random.ts';
import type { Reader } from './reader.ts';
import type { RestartableServer } from './server.ts';
import { SPOILED_WAYS, spoilStatus, statusOf } from './spoil.ts';

/** The targets of faults. */
export interface World {
  readonly random: Random;
  readonly server: RestartableServer;
  readonly client: RetryingClient;
  /** The reader whose connection is cut occasionally. */
  readonly droppedReader: Reader;
  /** Jobs that have not ended yet, as far as the readers know. */
  living(): readonly Subject[];
  /** Runs `work` in parallel with the next faults. The run ends only after it. */
  meanwhile(work: Promise<void>): void;
  /** Longest freeze, ms. */
  readonly longestFreeze: number;
}

export interface Subject {
  readonly jobId: string;
  readonly treatment: Treatment;
  /** Spared jobs are frozen and spoiled, but neither stopped nor killed: they must complete. */
  readonly spared: boolean;
}

type Role = ProcessStart['role'];

/** Injects one fault; false if there was no target for it. */
export type Fault = (world: World) => Promise<boolean> | boolean;

export const FAULTS = {
  killServer,
  freezeServer,
  killTrainer: (world) => killProcesses(world, ['TRAINER']),
  killSupervisor: (world) => killProcesses(world, ['SUPERVISOR']),
  killBoth: (world) =>
    killProcesses(world, world.random.chance(0.5) ? ['SUPERVISOR', 'TRAINER'] : ['TRAINER', 'SUPERVISOR']),
  freezeTrainer: (world) => freeze(world, 'TRAINER'),
  freezeSupervisor: (world) => freeze(world, 'SUPERVISOR'),
  killForkServer,
  freezeForkServer,
  stopJob,
  spoilStatusFile,
  dropClient({ droppedReader }: World) {
    droppedReader.drop();
    return true;
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/** SIGKILL, a pause without a server, and a new one. Does not wait for it: the next kill may hit it at any point of its start. */
async function killServer({ server, random }: World): Promise<boolean> {
  await server.end('SIGKILL');
  await delay(random.chance(0.5) ? 0 : random.whole(0, 1000));
  server.start();
  return true;
}

async function freezeServer({ server, random, longestFreeze }: World): Promise<boolean> {
  server.signal('SIGSTOP');
  await delay(random.whole(0, longestFreeze));
  server.signal('SIGCONT');
  return true;
}

/** SIGKILL at any time, also between the request for a launch and its answer. */
async function killForkServer({ server }: World): Promise<boolean> {
  const forkServer = await livingForkServer(server.home);
  return forkServer !== undefined && signal(forkServer, 'SIGKILL');
}

async function freezeForkServer({ server, random, longestFreeze, meanwhile }: World): Promise<boolean> {
  const forkServer = await livingForkServer(server.home);
  if (!forkServer || !signal(forkServer, 'SIGSTOP')) return false;
  // Longer than the server waits for its answers, or shorter.
  meanwhile(delay(random.whole(0, 3 * longestFreeze)).then(() => void signal(forkServer, 'SIGCONT')));
  return true;
}

/** The fork server of a home; undefined if none is alive. */
export async function livingForkServer(home: string): Promise<ProcessIdentity | undefined> {
  const forkServer = await readHolder(homeAt(home));
  return forkServer && stateOf(forkServer) !== undefined ? forkServer : undefined;
}

function killProcesses(world: World, roles: readonly [Role, ...Role[]]): boolean {
  const [subject] = pickProcess(world, roles[0], ({ spared }) => !spared) ?? [];
  if (!subject) return false;
  let any = false;
  for (const role of roles) {
    const start = livingProcess(world, subject, role);
    if (!start || !signal(start, 'SIGKILL')) continue;
    any = true;
    if (role === 'TRAINER') subject.treatment.trainerKilled = true;
    else subject.treatment.supervisorKilled = true;
    note(subject, `SIGKILL to its ${role.toLowerCase()} ${start.pid}`);
  }
  return any;
}

function freeze(world: World, role: Role): boolean {
  const picked = pickProcess(world, role);
  if (!picked) return false;
  const [subject, start] = picked;
  if (!signal(start, 'SIGSTOP')) return false;
  note(subject, `SIGSTOP to its ${role.toLowerCase()} ${start.pid}`);
  world.meanwhile(
    delay(world.random.whole(0, world.longestFreeze)).then(() => {
      if (signal(start, 'SIGCONT')) note(subject, `SIGCONT to its ${role.toLowerCase()}`);
    }),
  );
  return true;
}

function stopJob(world: World): boolean {
  const subject = pickSubject(world);
  if (!subject || subject.treatment.stopAsked) return false;
  const patient = world.random.chance(0.7);
  const graceSeconds = patient ? 120 : world.random.pick([0, 0.2, 1]);
  subject.treatment.stopAsked = true;
  subject.treatment.stop = 'MAYBE';
  subject.treatment.stopWasPatient = patient;
  note(subject, `stop with ${graceSeconds} s of grace`);
  world.meanwhile(
    world.client.stop(subject.jobId, graceSeconds).then((promised) => {
      subject.treatment.stop = promised;
      note(subject, promised === 'YES' ? 'the stop was promised' : 'it had ended before the stop');
    }),
  );
  return true;
}

/** The trainer is frozen around it: otherwise it might claim its end first, and the fault would destroy the only copy. */
function spoilStatusFile(world: World): boolean {
  const picked = pickProcess(world, 'TRAINER');
  if (!picked) return false;
  const [subject, trainer] = picked;
  if (!signal(trainer, 'SIGSTOP')) return false;
  world.meanwhile(
    (async () => {
      // The signal takes effect when the process is next scheduled.
      while (stateOf(trainer) !== 'T' && stateOf(trainer) !== undefined) await delay(5);
      if (stateOf(trainer) === 'T' && statusOf(world.server.home, subject.jobId) === 'RUNNING') {
        const way = world.random.pick(SPOILED_WAYS);
        subject.treatment.statusSpoiled = true;
        spoilStatus(world.server.home, subject.jobId, way);
        note(subject, `its status file became ${way}`);
        await delay(world.random.whole(0, world.longestFreeze));
      }
      signal(trainer, 'SIGCONT');
    })(),
  );
  return true;
}

function pickSubject(world: World): Subject | undefined {
  const subjects = world.living().filter(({ spared }) => !spared);
  return subjects.length === 0 ? undefined : world.random.pick(subjects);
}

/** A live process of a job, among the jobs that have one. */
function pickProcess(
  world: World,
  role: Role,
  among: (subject: Subject) => boolean = () => true,
): [Subject, ProcessStart] | undefined {
  const found = world
    .living()
    .filter(among)
    .flatMap((subject): [Subject, ProcessStart][] => {
      const start = livingProcess(world, subject, role);
      return start ? [[subject, start]] : [];
    });
  return found.length === 0 ? undefined : world.random.pick(found);
}

function livingProcess({ server }: World, { jobId }: Subject, role: Role): ProcessStart | undefined {
  return readStarts(server.home).findLast(
    (start) => start.jobId === jobId && start.role === role && stateOf(start) !== undefined,
  );
}

function note({ treatment }: Subject, what: string): void {
  treatment.notes.push(`${new Date().toISOString()} ${what}`);
}
