import { graphql } from '../graphql/index.ts';

export const EvaluationDocument = graphql(`
  query EvaluationOfJob($id: ID!) {
    job(id: $id) {
      evaluation
    }
  }
`);
