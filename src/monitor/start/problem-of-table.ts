import { UploadedDatasetDocument } from '../datasets/operations.ts';
import type { StartTrainingInput } from '../graphql/graphql.ts';
import type { Session } from '../live/session.ts';

/** Why a trainer that reads tables cannot use the dataset of a start, for users; null if it can, or if its options change how the file is read. */
export async function problemOfTable(
  session: Session,
  { dataset, options }: StartTrainingInput,
): Promise<string | null> {
  const { header, encoding } = options as Readonly<Record<string, unknown>>;
  if (dataset == null || header != null || encoding != null) return null;
  // Asked now: the file may have been replaced since the form was opened.
  const problem = (await session.query(UploadedDatasetDocument, { name: dataset })).dataset?.problem;
  return problem == null ? null : `${dataset} is not a table that this trainer can use. ${problem}`;
}
