import { graphql } from '../graphql/index.ts';

export const ModelDocument = graphql(`
  query ModelOfJob($id: ID!) {
    job(id: $id) {
      model {
        task
        targets
        inputCount
        inputs {
          name
          kind
          example
          categories
        }
      }
    }
  }
`);

export const PredictDocument = graphql(`
  query Predict($id: ID!, $rows: [JSON!]!) {
    predict(jobId: $id, rows: $rows) {
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

export const StartPredictionDocument = graphql(`
  mutation StartPrediction($id: ID!, $dataset: String!) {
    startPrediction(input: { jobId: $id, dataset: $dataset }) {
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
