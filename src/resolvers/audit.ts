import { type AuditOutcome, ExpectedError } from '../runner/index.ts';
import { ForbiddenError } from './authorize.ts';
import type { Context } from './context.ts';

/** The result of an action, for the audit log. */
export interface AuditResult {
  readonly outcome: AuditOutcome;
  readonly code: string | null;
}

export const SUCCEEDED: AuditResult = { outcome: 'SUCCEEDED', code: null };

/** The result of an action that ended with an error. */
export function failedWith(error: unknown): AuditResult {
  if (error instanceof ForbiddenError) return { outcome: 'REFUSED', code: error.code };
  return { outcome: 'FAILED', code: error instanceof ExpectedError ? error.code : 'INTERNAL_SERVER_ERROR' };
}

/**
 * Adds an action of the caller to the audit log. A failure to record, for example on a full disk, is reported and not thrown: it
 * must not hide that the action has succeeded.
 */
export function recordAction(
  { runner, caller, reportAuditFailure }: Pick<Context, 'runner' | 'caller' | 'reportAuditFailure'>,
  action: string,
  targets: readonly string[],
  result: AuditResult,
): void {
  try {
    runner.audit.add({ ...caller, action, targets, ...result });
  } catch (error) {
    reportAuditFailure?.(error);
  }
}
