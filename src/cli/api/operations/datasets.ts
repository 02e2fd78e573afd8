/** The operations for datasets. */
import { graphql } from '../../graphql/index.ts';

export const LIST_DATASETS = graphql(`
  query ListDatasets {
    datasets {
      name
      format
      rows
      columnCount
      bytes
      modifiedAt
      uploadedBy
      problem
    }
  }
`);

export const PREVIEW_DATASET = graphql(`
  query PreviewDataset($name: String!, $rows: Int, $options: JSON) {
    dataset(name: $name) {
      name
      format
      rows
      bytes
      problem
      preview(rows: $rows, options: $options) {
        rowsRead
        complete
        columnCount
        columns {
          name
          kind
          gaps
          distinct
          minimum
          maximum
          note
        }
        rows
      }
    }
  }
`);

export const DELETE_DATASET = graphql(`
  mutation DeleteDataset($name: String!) {
    deleteDataset(input: { name: $name }) {
      __typename
      ... on DeleteDatasetSuccess {
        name
      }
      ... on Error {
        message
      }
    }
  }
`);
