import type { GraphQLSchema } from 'graphql';
import { auditMutations } from './audit-mutations.ts';
import { builder } from './builder.ts';
import { chargeAnswers } from './charge-answers.ts';
import './audit.ts';
import './checkpoint.ts';
import './dataset.ts';
import './dataset-preview.ts';
import './delete-jobs.ts';
import './errors.ts';
import './failure.ts';
import './job-connection.ts';
import './job-counts.ts';
import './job-progress.ts';
import './jobs-changed.ts';
import './log.ts';
import './metrics.ts';
import './redeliver-webhook.ts';
import './resume-training.ts';
import './scalars.ts';
import './start-training.ts';
import './stop-training.ts';
import './trainer.ts';
import './update-job.ts';
import './webhook-deliveries.ts';
import './webhook.ts';

/** The complete schema with its resolvers. */
export const schema: GraphQLSchema = chargeAnswers(auditMutations(builder.toSchema()));
