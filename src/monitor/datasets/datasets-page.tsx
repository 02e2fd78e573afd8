import { useQuery } from 'urql';
import { Link, useLocation, useSearch } from 'wouter';
import { useRights } from '../access/rights.ts';
import { TimeAgo } from '../format/time-ago.tsx';
import { formatBytes, formatCount } from '../format/numbers.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { DownloadLink } from '../live/download-link.tsx';
import { errorMessage } from '../live/session.ts';
import { useReconnect } from '../live/use-reconnect.ts';
import { DeleteDatasetButton } from './delete-dataset-button.tsx';
import { DatasetPreview } from './dataset-preview.tsx';
import { DatasetListDocument } from './operations.ts';
import { UploadZone } from './upload-zone.tsx';
import './datasets.css';

const datasetUrl = (name: string) => `/data?dataset=${encodeURIComponent(name)}`;

/** All datasets, with previews. */
export function DatasetsPage() {
  usePageTitle('Data');
  const { canStart, canChangeJobOf } = useRights();
  const [, navigate] = useLocation();
  const [{ data, error }, refresh] = useQuery({ query: DatasetListDocument });
  useReconnect(() => refresh({ requestPolicy: 'network-only' }));
  const requested = new URLSearchParams(useSearch()).get('dataset');
  const chosen = requested ?? data?.datasets[0]?.name;
  const isTable = (dataset: string) => {
    const found = data?.datasets.find(({ name }) => name === dataset);
    return found?.problem == null && found?.rows !== 0;
  };
  return (
    <>
      <div className="page-head">
        <h1>Data</h1>
        <UploadZone
          onUploaded={(name) => {
            refresh({ requestPolicy: 'network-only' });
            navigate(datasetUrl(name));
          }}
        />
      </div>
      {error && <p className="notice bad">{errorMessage(error)}</p>}
      {data && (
        <div className="datasets">
          <ul className="card dataset-list" aria-label="Datasets">
            {data.datasets.map(({ name, bytes, format, rows, problem, modifiedAt }) => (
              <li key={name}>
                <Link href={datasetUrl(name)} aria-current={name === chosen ? 'true' : undefined}>
                  <strong>{name}</strong>
                  <span className="hint">
                    {[format ?? 'unreadable', rows !== null && `${formatCount(rows)} rows`, formatBytes(bytes)]
                      .filter((fact) => typeof fact === 'string')
                      .join(' · ')}
                    {problem === null && (
                      <>
                        {' · '}
                        <TimeAgo time={modifiedAt} />
                      </>
                    )}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
          {chosen !== undefined && (
            <section className="card dataset-detail" aria-labelledby="dataset-name">
              <h2 id="dataset-name">{chosen}</h2>
              <DatasetPreview
                name={chosen}
                version={data.datasets.find(({ name }) => name === chosen)?.modifiedAt}
              />
              <div className="dataset-actions">
                {canStart && <TrainLink name={chosen} isTable={isTable(chosen)} />}
                <DownloadLink address={`/datasets/${chosen.split('/').map(encodeURIComponent).join('/')}`}>
                  Download
                </DownloadLink>
                {data.datasets.some(({ name, uploadedBy }) => name === chosen && canChangeJobOf(uploadedBy)) && (
                  <DeleteDatasetButton
                    name={chosen}
                    onDeleted={() => {
                      refresh({ requestPolicy: 'network-only' });
                      navigate('/data', { replace: true });
                    }}
                  />
                )}
              </div>
            </section>
          )}
        </div>
      )}
    </>
  );
}

/** Leads to the form. A file that is no table can be a text. */
function TrainLink({ name, isTable }: { name: string; isTable: boolean }) {
  if (!isTable && !/\.(txt|md)$/i.test(name)) return null;
  const trainer = isTable ? '' : '&trainer=language-model';
  return (
    <Link href={`/start?dataset=${encodeURIComponent(name)}${trainer}`} className="button primary">
      {isTable ? 'Train on this dataset' : 'Train a language model on this text'}
    </Link>
  );
}
