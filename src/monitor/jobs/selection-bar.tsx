import { Link } from 'wouter';
import { useSelection } from './selection.ts';

/** Actions for the selected jobs. */
export function SelectionBar() {
  const { ids, clear } = useSelection();
  if (ids.length === 0) return null;
  return (
    <section className="card selection-bar" aria-label="Selected jobs">
      <span role="status">{ids.length === 1 ? '1 job selected' : `${ids.length} jobs selected`}</span>
      <Link href={`/compare?jobs=${ids.join(',')}`} className="button primary">
        Compare
      </Link>
      <button type="button" className="button quiet" onClick={clear}>
        Clear
      </button>
    </section>
  );
}
