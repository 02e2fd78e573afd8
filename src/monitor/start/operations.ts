import { graphql } from '../graphql/index.ts';

export const StartOptionsDocument = graphql(`
  query StartOptions {
    trainers {
      ...TrainerDetail
    }
    datasets {
      name
      bytes
      format
      columns
      rows
      problem
      modifiedAt
    }
  }
`);

export const StartDocument = graphql(`
  mutation StartJob($input: StartTrainingInput!) {
    startTraining(input: $input) {
      __typename
      ... on StartTrainingSuccess {
        job {
          id
        }
      }
      ... on InvalidInputError {
        path
      }
      ... on Error {
        message
      }
    }
  }
`);

export const FindTemplateDocument = graphql(`
  query FindTemplate($id: ID!) {
    job(id: $id) {
      ...JobTemplate
    }
  }
`);
