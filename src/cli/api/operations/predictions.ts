/** The operations that predict with the model of a job. */
import { graphql } from '../../graphql/index.ts';

export const FIND_MODELS = graphql(`
  query FindModels {
    jobs(first: 1, filter: { trainer: "tabular", status: [COMPLETED, STOPPED] }) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const PREDICT = graphql(`
  query PredictRows($jobId: ID!, $rows: [JSON!]!) {
    predict(jobId: $jobId, rows: $rows) {
      __typename
      ... on PredictSuccess {
        predictions {
          value
          probabilities
        }
        warnings
      }
      ... on Error {
        message
      }
    }
  }
`);

export const START_PREDICTION = graphql(`
  mutation StartPrediction($jobId: ID!, $dataset: String!, $options: JSON) {
    startPrediction(input: { jobId: $jobId, dataset: $dataset, options: $options }) {
      __typename
      ... on StartPredictionSuccess {
        job {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);
