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
  mutation StartPrediction($id: ID!, $dataset: String!, $options: JSON) {
    startPrediction(input: { jobId: $id, dataset: $dataset, options: $options }) {
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

/** The options of the trainers, of which some say how a file is written. */
export const TrainerOptionsDocument = graphql(`
  query TrainerOptions {
    trainers {
      name
      options
    }
  }
`);
