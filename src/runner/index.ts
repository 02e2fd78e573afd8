/** Starts, stops, lists and follows training jobs under one home folder. Independent of GraphQL. */
export { createRunner } from './create-runner.ts';
export type { RunnerSettings } from './runner-settings.ts';
export { isDiskFull } from './system-errors.ts';
export * from './job/errors.ts';
export * from './job/failure.ts';
export { DEPENDENCY_CONDITIONS, type Dependency, type DependencyCondition } from './job/dependency.ts';
export type { GroupSettings } from './job/group.ts';
export type { GroupState } from './life/queue.ts';
export type { QueueMove } from './life/queue-control.ts';
export { MAX_STARTS } from './life/submit.ts';
export * from './job/request.ts';
export { isHardlyBetter, type Score, SCORE_PARTS, type ScorePart } from './job/score.ts';
export * from './job/status.ts';
export * from './job/input-limits.ts';
export * from './job/quota.ts';
export { RESOURCE_NAME, type ResourceRules, type Resources, type ResourcesInput } from './job/resources.ts';
export * from './job/types.ts';
export type { AuditEntry, AuditLog, AuditOutcome } from './audit/audit.ts';
export type { Role } from './audit/role.ts';
export { earlierRunTime } from './job/run-time.ts';
export { bestGoal } from './job/best-values.ts';
export type { Goal } from './job/metric-direction.ts';
export type { NonFinite } from './job/metric-number.ts';
export type { JobEdit } from './job/edit-job.ts';
export type { JobEvent } from './feeds/job-event.ts';
export type { FeedEvents } from './feeds/pull-feed.ts';
export {
  JOB_ORDER_FIELDS,
  type JobOrder,
  type JobOrderField,
  type JobPlace,
  NEWEST_FIRST,
  placeOf,
} from './store/job-order.ts';
export { needsIndex } from './store/job-index.ts';
export type { Logger } from './logger.ts';
export type { RunnerEvent, RunnerListener } from './events.ts';
export { type AttemptDescription, type LauncherName, LAUNCHERS } from './launchers/launcher.ts';
export type { TrainerDefaults, TrainerDescription, TrainerSource } from './python/trainer-description.ts';
export { isPrivateHost } from './webhooks/addresses.ts';
export type { Notifications } from './webhooks/notifications.ts';
export * from './webhooks/webhook.ts';
export type { CheckpointFile, ModelForm } from './reports/model-file.ts';
export type { OutputFile } from './reports/output-files.ts';
export type { Evaluation } from './reports/evaluation-file.ts';
export type { Provenance, ResolvedSettings } from './reports/provenance-file.ts';
export { findGpus } from './launchers/local/gpus.ts';
export type * from './datasets/dataset.ts';
export type * from './history/history.ts';
export type * from './prediction/prediction.ts';
export type * from './store/job-query.ts';
export type * from './runner.ts';
export { nearest } from './job/nearest.ts';
export { quote, shorten } from './job/shorten.ts';
export { visibleLine, visibleText } from './job/visible-text.ts';
export { unavailability } from './life/check-trainer.ts';
