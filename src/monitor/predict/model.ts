import type { ModelOfJobQuery } from '../graphql/graphql.ts';

/** The inputs and outputs of a trained model. */
export type Model = NonNullable<NonNullable<ModelOfJobQuery['job']>['model']>;
