import { describe, expect, onTestFinished, test } from 'vitest';
import type { Inspection } from '../../../src/runner/job/decide.ts';
import type { Death, ReportedProcesses } from '../../../src/runner/job/reports.ts';
import type { TrainingRequest } from '../../../src/runner/job/request.ts';
import type { Handle } from '../../../src/runner/job/types.ts';
import type { AttemptId, Launcher } from '../../../src/runner/launchers/launcher.ts';
import { until } from '../../support/until.ts';

/** The environment in which the contract tests a launcher on a real machine, with one home of its own. */
export interface LauncherWorld {
  /** A new instance of the launcher, as each server has its own. It offers two slots and three GPUs. */
  launcher(): Launcher;
  /** Writes the inputs of a job whose trainer runs until it is stopped, as the runner does before a launch. */
  addJob(): Promise<{ readonly attempt: AttemptId; readonly request: TrainingRequest }>;
  /** The newest status file of a job; undefined if it has none. */
  report(jobId: string): Promise<{ readonly status: string; readonly processes: ReportedProcesses } | undefined>;
  /** The steps that a job has reported, in order. */
  steps(jobId: string): readonly number[];
  /** Whether a complete checkpoint of a job exists. */
  hasCheckpoint(jobId: string): boolean;
  /** Number of stop requests that the trainer of a job has received. */
  stopsReceived(jobId: string): number;
  /** Makes the trainer of a job deaf to a stop request. */
  freeze(jobId: string): Promise<void>;
  /** Kills the supervisor, so that only the launcher can notice what happens to the trainer. */
  killSupervisor(jobId: string): Promise<void>;
  /** Kills the trainer and nothing else. */
  killTrainer(jobId: string): Promise<void>;
  /**
   * Number of live processes of a job, including those that its trainer started, in its group and in sessions of their own. At least
   * four while it trains.
   */
  processes(jobId: string): number;
}

/** An attempt that a launcher runs. */
interface Launched {
  readonly launcher: Launcher;
  readonly jobId: string;
  readonly request: TrainingRequest;
  /** The handle as the runner has it: with what the newest report says. */
  handle(): Promise<Handle>;
  inspect(): Promise<Inspection>;
}

const isDeath = (inspection: Inspection): inspection is Death => typeof inspection === 'object';

/**
 * The contract of `Launcher` as tests. Every launcher must pass them, with real processes.
 * @param makeWorld makes what one test needs; it cleans up after the test itself
 */
export function describeLauncher(name: string, makeWorld: () => Promise<LauncherWorld>): void {
  /** An attempt that `launcher` has launched, and that is ended after the test. */
  async function launch(world: LauncherWorld, launcher = world.launcher()): Promise<Launched> {
    const { attempt, request } = await world.addJob();
    const { jobId } = attempt;
    const prepared = launcher.prepare(attempt, []);
    const handle = async () => {
      const report = await world.report(jobId);
      return report ? launcher.recognize(prepared, report.processes) : prepared;
    };
    const launched = { launcher, jobId, request, handle, inspect: async () => launcher.inspect(await handle()) };
    onTestFinished(async () => {
      await killed(launched);
    });
    await launcher.launch(prepared, request);
    return launched;
  }

  async function training(world: LauncherWorld, { jobId }: Launched): Promise<void> {
    await until('it trains', () => world.steps(jobId).length > 0 && world.processes(jobId) >= 4);
  }

  function dead({ inspect }: Pick<Launched, 'inspect'>): Promise<Death> {
    return until('it is dead', async () => {
      const inspection = await inspect();
      return isDeath(inspection) && inspection;
    });
  }

  function killed({ launcher, handle, inspect }: Launched): Promise<boolean> {
    return until('everything is killed', async () => {
      const inspection = await inspect();
      if (isDeath(inspection) || inspection === 'NOT_LAUNCHED') return true;
      await launcher.kill(await handle());
      return false;
    });
  }

  describe(`the launcher ${name}`, () => {
    test('states its capacity', async () => {
      const capacity = await (await makeWorld()).launcher().capacity();
      expect(['EXTERNAL', { slots: 2, gpus: 3 }]).toContainEqual(capacity);
    });

    test('prepares the same handle for the same arguments, which survives JSON', async () => {
      const world = await makeWorld();
      const { attempt } = await world.addJob();
      const handle = world.launcher().prepare({ ...attempt, gpus: 2 }, []);
      expect(world.launcher().prepare({ ...attempt, gpus: 2 }, [])).toEqual(handle);
      expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
      expect(handle.launcher).toBe(name);
    });

    test('leases no GPU twice, and refuses an attempt that needs more than are free', async () => {
      const world = await makeWorld();
      const launcher = world.launcher();
      // An engine with a queue of its own gives them out.
      if ((await launcher.capacity()) === 'EXTERNAL') return;
      const [one, two] = [(await world.addJob()).attempt, (await world.addJob()).attempt];
      const first = launcher.prepare({ ...one, gpus: 2 }, []);
      const second = launcher.prepare({ ...two, gpus: 1 }, [first]);
      const leased = [first, second].flatMap((handle) => launcher.describe(handle).gpuDevices);
      expect(new Set(leased).size).toBe(3);
      expect(() => launcher.prepare({ ...two, gpus: 2 }, [first])).toThrow();
      expect(launcher.describe(launcher.prepare({ ...two, gpus: null }, [first])).gpuDevices).toEqual([]);
    });

    test('recognises and describes processes without a side effect', async () => {
      const world = await makeWorld();
      const launcher = world.launcher();
      const prepared = launcher.prepare((await world.addJob()).attempt, []);
      const before = structuredClone(prepared);
      const none = { supervisor: null, trainer: null };
      const supervisor = { pid: 11, startTime: '1', bootId: 'b' };
      const trainer = { pid: 12, startTime: '2', bootId: 'b' };
      expect(launcher.describe(prepared)).toMatchObject({ pid: null, processes: none });

      const known = launcher.recognize(prepared, { supervisor, trainer });
      expect(launcher.describe(known)).toMatchObject({ pid: 12, processes: { supervisor, trainer } });
      // Known processes stay known, and a report without news gives the same handle: a new one would be recorded each time.
      expect(launcher.recognize(known, none)).toBe(known);
      expect(launcher.recognize(known, { supervisor, trainer })).toBe(known);
      expect(JSON.parse(JSON.stringify(known))).toEqual(known);
      expect(prepared).toEqual(before);
    });

    test('does not know of an attempt that no server has launched', async () => {
      const world = await makeWorld();
      const { attempt } = await world.addJob();
      const launcher = world.launcher();
      expect(await launcher.inspect(launcher.prepare(attempt, []))).toBe('NOT_LAUNCHED');
    });

    test('runs an attempt once, however often it is launched, also by the next server', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      const { launcher, jobId, request } = launched;
      const next = world.launcher();
      const handle = await launched.handle();
      await Promise.all([launcher.launch(handle, request), next.launch(handle, request)]);
      await training(world, launched);
      await next.launch(await launched.handle(), request);
      const count = world.steps(jobId).length;
      await until('it has trained on', () => world.steps(jobId).length >= count + 20);
      const steps = world.steps(jobId);
      expect(new Set(steps).size).toBe(steps.length);
      expect(await launched.inspect()).toBe('ALIVE');
    });

    test('finds an attempt alive from its launch to its end, also as the next server', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      const next = world.launcher();
      await until('it trains', async () => {
        expect(['ALIVE', 'WAITING']).toContain(await launched.inspect());
        return world.steps(launched.jobId).length > 0;
      });
      expect(await next.inspect(await launched.handle())).toBe('ALIVE');
    });

    test('finds the exit record of an attempt that ended', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      await training(world, launched);
      await world.killTrainer(launched.jobId);
      const found = await dead(launched);
      expect(found).toMatchObject({ dead: { attempt: 1, signal: 'SIGKILL' }, cause: { kind: 'EXITED' } });
      const handle = await launched.handle();
      expect(await world.launcher().inspect(handle)).toEqual(found);
    });

    test('finds an attempt alive while its trainer lives, and GONE when nothing is left to record its end', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      await training(world, launched);
      await world.killSupervisor(launched.jobId);
      await until('only the supervisor is gone', () => world.processes(launched.jobId) === 3);
      expect(await launched.inspect()).toBe('ALIVE');
      await world.killTrainer(launched.jobId);
      const gone = { dead: null, cause: { kind: 'GONE', rebooted: false } };
      expect(await dead(launched)).toEqual(gone);
      // Processes that the trainer had started were killed before: GPU memory must not leak.
      expect(world.processes(launched.jobId)).toBe(0);
      const next = world.launcher();
      expect(await dead({ inspect: async () => next.inspect(await launched.handle()) })).toEqual(gone);
    });

    test('delivers one stop, however often it is requested, and the trainer saves a checkpoint', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      await training(world, launched);
      const { launcher, jobId } = launched;
      const handle = await launched.handle();
      await Promise.all([launcher.requestStop(handle), launcher.requestStop(handle)]);
      await launcher.requestStop(handle);
      expect(await dead(launched)).toMatchObject({ dead: { exitCode: 0 }, cause: { kind: 'EXITED' } });
      expect((await world.report(jobId))?.status).toBe('STOPPED');
      expect(world.stopsReceived(jobId)).toBe(1);
      expect(world.hasCheckpoint(jobId)).toBe(true);
      expect(world.processes(jobId)).toBe(0);
      // A request that comes late does no harm.
      await launcher.requestStop(handle);
    });

    test('stops an attempt that an earlier server launched', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      await training(world, launched);
      await world.launcher().requestStop(await launched.handle());
      expect(await dead(launched)).toMatchObject({ dead: { exitCode: 0 } });
    });

    test('kills everything that belongs to an attempt, also what its trainer started', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      await training(world, launched);
      await world.freeze(launched.jobId);
      await launched.launcher.requestStop(await launched.handle());
      expect(await launched.inspect()).toBe('ALIVE');
      await killed(launched);
      expect(world.processes(launched.jobId)).toBe(0);
      expect(await launched.inspect()).toMatchObject({ dead: { signal: 'SIGKILL' } });
      await launched.launcher.kill(await launched.handle());
    });

    test('forgets an attempt that was released, and still knows how it ended', async () => {
      const world = await makeWorld();
      const launched = await launch(world);
      await training(world, launched);
      await killed(launched);
      const found = await dead(launched);
      const handle = await launched.handle();
      launched.launcher.release(handle);
      launched.launcher.release(handle);
      expect(await launched.inspect()).toEqual(found);
    });

    test('wakes watchers when an attempt ends, until they stop watching', async () => {
      const world = await makeWorld();
      const launcher = world.launcher();
      if (!launcher.watch) return;
      const woken: string[] = [];
      const ignored: string[] = [];
      const watch = launcher.watch((jobId) => woken.push(jobId));
      onTestFinished(() => watch[Symbol.dispose]());
      launcher.watch((jobId) => ignored.push(jobId))[Symbol.dispose]();
      const launched = await launch(world, launcher);
      await training(world, launched);
      expect(woken).toEqual([]);
      await killed(launched);
      await until('the end wakes', () => woken.length > 0);
      expect(woken).toEqual([launched.jobId]);
      expect(ignored).toEqual([]);
    });

    test('refuses the handle of another launcher', async () => {
      const world = await makeWorld();
      const launcher = world.launcher();
      expect(() => launcher.describe({ launcher: 'none-of-these' })).toThrow('none-of-these');
      await expect(launcher.inspect({ launcher: 'none-of-these' })).rejects.toThrow('none-of-these');
    });
  });
}
