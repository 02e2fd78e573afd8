import { useDeferredValue, useMemo, useState } from 'react';
import { formatCount } from '../format/numbers.ts';
import type { ChartLine } from './chart-line.ts';
import type { StepRange } from './curve.ts';
import type { CurveSettings } from './curve-settings.tsx';
import type { Mark } from './mark.ts';
import { LazyChart } from './lazy-chart.tsx';
import { type ChartGroup, type ChartSection, findGroups, isSystem, toSections } from './metric-groups.ts';
import { createNearness, type Nearness } from './nearness.ts';

/** The page offers a search when it has more charts than this. */
const SEARCH_FROM = 9;
/**
 * Charts that the page lists before the user asks for more: sections after them are collapsed, and a longer section continues with a
 * button.
 */
const LISTED = 60;

interface Drawing<Group extends ChartGroup> {
  /** The lines of a chart, as far as their curves are loaded. */
  readonly linesOf: (group: Group) => readonly ChartLine[];
  readonly settings: CurveSettings;
  readonly mark?: Mark | null | undefined;
  readonly onZoom: (range: StepRange) => void;
  /** Called with the names of the metrics of a chart that is drawn. The returned function ends it. */
  readonly onDraw: (names: readonly string[]) => () => void;
}

/** Charts in sections by prefix, with a search when there are many. Only the visible ones are drawn. */
export function ChartSections<Group extends ChartGroup>({
  groups,
  ...drawing
}: Drawing<Group> & { groups: readonly Group[] }) {
  const [search, setSearch] = useState('');
  const [nearness] = useState(createNearness);
  const searched = useDeferredValue(search);
  const found = useMemo(() => findGroups(groups, searched), [groups, searched]);
  const sections = useMemo(() => toSections(found), [found]);
  let listed = 0;
  return (
    <>
      {groups.length > SEARCH_FROM && (
        <div className="chart-search">
          <input
            type="search"
            aria-label="Search metrics"
            placeholder="Search metrics"
            autoComplete="off"
            value={search}
            onChange={({ target }) => setSearch(target.value)}
          />
          <span role="status" className="hint">
            {found.length === groups.length
              ? `${formatCount(groups.length)} charts`
              : `${formatCount(found.length)} of ${formatCount(groups.length)} charts`}
          </span>
        </div>
      )}
      {sections.map((section) => {
        listed += section.groups.length;
        const isFirst = listed === section.groups.length;
        return (
          <Section
            // A search opens the sections that have a match.
            key={`${section.prefix} ${searched === '' ? '' : 'found'}`}
            section={section}
            isOpenFirst={searched !== '' || isFirst || (listed <= LISTED && !isSystem(section))}
            nearness={nearness}
            {...drawing}
          />
        );
      })}
    </>
  );
}

function Section<Group extends ChartGroup>({
  section: { prefix, groups },
  isOpenFirst,
  nearness,
  linesOf,
  ...drawing
}: Drawing<Group> & { section: ChartSection<Group>; isOpenFirst: boolean; nearness: Nearness }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const [count, setCount] = useState(LISTED);
  const isOpen = chosen ?? isOpenFirst;
  const charts = (
    <>
      <div className="charts">
        {groups.slice(0, count).map((group) => (
          <LazyChart key={group.title} group={group} lines={linesOf(group)} nearness={nearness} {...drawing} />
        ))}
      </div>
      {groups.length > count && (
        <button type="button" className="button chart-more" onClick={() => setCount(count + LISTED)}>
          Show {formatCount(Math.min(LISTED, groups.length - count))} more of {formatCount(groups.length - count)}{' '}
          charts
        </button>
      )}
    </>
  );
  if (prefix === '') return charts;
  return (
    <section className="chart-section" aria-label={`Metrics in ${prefix}`}>
      <button type="button" className="chart-section-title" aria-expanded={isOpen} onClick={() => setChosen(!isOpen)}>
        {prefix} <span className="hint">{formatCount(groups.length)}</span>
      </button>
      {isOpen && charts}
    </section>
  );
}
