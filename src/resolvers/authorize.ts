import { ExpectedError, quote } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The role of the caller does not allow an operation. */
export class ForbiddenError extends ExpectedError {
  readonly code = 'FORBIDDEN';
}

/** Whether the caller may start jobs and change its own: an operator or an admin. */
export function mayOperate({ caller }: Pick<Context, 'caller'>): boolean {
  return caller.role !== 'viewer';
}

/** Whether the caller may do everything. */
export function mayAdminister({ caller }: Pick<Context, 'caller'>): boolean {
  return caller.role === 'admin';
}

/**
 * Whether the caller may stop, resume or edit a job: an admin, or the operator who started it. That a job does not exist is not secret,
 * because every role may list the jobs.
 */
export function mayChangeJob({ caller, runner }: Pick<Context, 'caller' | 'runner'>, id: string): boolean {
  if (caller.role !== 'operator') return caller.role === 'admin';
  const job = runner.get(id);
  return job === undefined || (job.startedBy !== null && job.startedBy === caller.user);
}

/** The error for a caller without the rights for an operation. */
export function forbidden({ caller }: Pick<Context, 'caller'>, operation: string): ForbiddenError {
  const who = `${caller.user === null ? 'This client' : `The token ${quote(caller.user, 64)}`} has the role ${caller.role}`;
  const rights =
    caller.role === 'viewer'
      ? 'A viewer can only read.'
      : 'An operator can start jobs, and change only those that it started itself.';
  return new ForbiddenError(`${who}, which does not allow ${operation} here. ${rights} Ask an administrator.`);
}
