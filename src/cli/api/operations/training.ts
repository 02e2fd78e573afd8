/** The operations that start, stop and resume trainings. */
import { graphql } from '../../graphql/index.ts';

export const START = graphql(`
  mutation Start($input: StartTrainingInput!) {
    startTraining(input: $input) {
      __typename
      ... on StartTrainingSuccess {
        job {
          ...JobTableRow
          progress {
            ...ProgressMessage
          }
        }
      }
      ... on Error {
        message
      }
      ... on InvalidInputError {
        path
      }
    }
  }
`);

export const FIND_TEMPLATE = graphql(`
  query FindTemplate($id: ID!) {
    job(id: $id) {
      ...JobTemplate
    }
  }
`);

export const STOP = graphql(`
  mutation Stop($input: StopTrainingInput!) {
    stopTraining(input: $input) {
      __typename
      ... on StopTrainingSuccess {
        job {
          ...JobTableRow
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const RESUME = graphql(`
  mutation Resume($input: ResumeTrainingInput!) {
    resumeTraining(input: $input) {
      __typename
      ... on ResumeTrainingSuccess {
        job {
          ...JobTableRow
          progress {
            ...ProgressMessage
          }
        }
      }
      ... on Error {
        message
      }
    }
  }
`);
