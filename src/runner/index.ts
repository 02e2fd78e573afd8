/** The life of training processes: start, stop, list and watch jobs under one home folder, without GraphQL. */
export { createRunner } from './create-runner.ts';
export type { RunnerSettings } from './runner-settings.ts';
export { isDiskFull } from './disk-full.ts';
export * from './errors.ts';
export * from './job.ts';
export {
  JOB_ORDER_FIELDS,
  type JobOrder,
  type JobOrderField,
  type JobPlace,
  NEWEST_FIRST,
  placeOf,
} from './job-order.ts';
export type { Logger } from './logger.ts';
export type { RunnerObserver, StatusTaken } from './observer.ts';
export { isPrivateHost } from './notifications/addresses.ts';
export type { Notifications } from './notifications/notifications.ts';
export * from './notifications/webhook.ts';
export type { ModelForm } from './model-file.ts';
export { findGpus } from './process/gpus.ts';
export type * from './datasets/dataset.ts';
export type * from './history/history.ts';
export type * from './job-query.ts';
export type * from './runner.ts';
export { unavailability } from './start-input.ts';
