import type { ReactNode } from 'react';
import type { StartOptionsQuery } from '../graphql/graphql.ts';
import { DatasetPreview } from './dataset-preview.tsx';
import { UploadZone } from './upload-zone.tsx';
import type { ReadOptions } from './use-preview.ts';

/** Selects the dataset to train on, or uploads one. */
export function DatasetPicker({
  datasets,
  chosen,
  target,
  options,
  isOptional,
  children,
  onChoose,
  onUpload,
}: {
  datasets: StartOptionsQuery['datasets'];
  /** Empty for none. */
  chosen: string;
  /** The column to mark in the preview: see {@link DatasetPreview}. */
  target: string | null;
  /** How the file is written. */
  options: ReadOptions;
  /** Whether a training can do without one. */
  isOptional: boolean;
  onChoose: (name: string) => void;
  /** Called after an upload. */
  onUpload: () => void;
  /** Shown below the preview. */
  children?: ReactNode;
}) {
  // Includes a chosen dataset that is not in the list (yet, or any more).
  const names = datasets.map(({ name }) => name);
  const known = chosen === '' || names.includes(chosen) ? names : [chosen, ...names];
  return (
    <section className="card start-card" aria-labelledby="data-title">
      <h2 id="data-title">Data</h2>
      <label className="field">
        <span>Dataset</span>
        <select value={chosen} onChange={({ target }) => onChoose(target.value)}>
          {(isOptional || chosen === '') && <option value="">none</option>}
          {known.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {chosen !== '' && (
        <DatasetPreview
          name={chosen}
          version={datasets.find(({ name }) => name === chosen)?.modifiedAt}
          target={target}
          options={options}
        />
      )}
      {children}
      <UploadZone
        onUploaded={(name) => {
          onUpload();
          onChoose(name);
        }}
      />
    </section>
  );
}
