import { graphql } from '../graphql/index.ts';

export const DatasetPreviewDocument = graphql(`
  query PreviewOfDataset($name: String!, $options: JSON) {
    dataset(name: $name) {
      name
      bytes
      format
      rows
      problem
      url
      modifiedAt
      preview(rows: 20, options: $options) {
        notes
        columnCount
        complete
        rowsRead
        rows
        defaultTarget
        columns {
          name
          kind
          gaps
          missing {
            text
            count
          }
          distinct
          minimum
          maximum
          note
          target {
            task
            baseline
            baselineScore
          }
        }
      }
    }
  }
`);

export const UploadedDatasetDocument = graphql(`
  query UploadedDataset($name: String!) {
    dataset(name: $name) {
      rows
      problem
    }
  }
`);

export const DatasetListDocument = graphql(`
  query DatasetList {
    datasets {
      name
      bytes
      format
      rows
      problem
      modifiedAt
      columns
      uploadedBy
    }
  }
`);

export const DeleteDatasetDocument = graphql(`
  mutation DeleteDataset($name: String!) {
    deleteDataset(input: { name: $name }) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);
