import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type CurveSettings, DEFAULT_CURVE_SETTINGS } from './curve-settings.tsx';

/** Delay before the address changes, ms: a slider changes many times a second, and browsers limit changes of the address. */
const WRITE_DELAY_MS = 150;

/** The display settings of charts. They are in the address, so that a link shows the same view. */
export function useCurveSettings(): [CurveSettings, React.Dispatch<React.SetStateAction<CurveSettings>>] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const [page] = useState(path);
  const [settings, setSettings] = useState(() => parseCurveSettings(search));
  const seen = useRef(search);

  // The settings in the address have changed by other means: the back button, a link. Other parts of it may change while a write waits.
  useEffect(() => {
    const before = parseCurveSettings(seen.current);
    const now = parseCurveSettings(search);
    seen.current = search;
    if (!sameSettings(before, now)) setSettings(now);
  }, [search]);

  const write = useRef<() => void>(() => undefined);
  write.current = () => {
    const { pathname, search: current } = location;
    const next = withCurveSettings(current, settings);
    if (next === current.slice(1) || pathname !== page) return;
    seen.current = next;
    navigate(next === '' ? pathname : `${pathname}?${next}`, { replace: true });
  };
  useEffect(() => {
    const timer = setTimeout(() => write.current(), WRITE_DELAY_MS);
    return () => clearTimeout(timer);
  }, [settings]);
  // The charts go and come back when the jobs of a comparison change, possibly before the delay is over.
  useEffect(() => () => write.current(), []);

  return [settings, setSettings];
}

/** Reads the settings from the query string of an address. Invalid values count as missing. */
function parseCurveSettings(search: string): CurveSettings {
  const parameters = new URLSearchParams(search);
  const number = (name: string) => {
    const text = parameters.get(name);
    return text === null || text === '' ? NaN : Number(text);
  };
  const smoothing = number('smooth');
  const [from, to] = [number('from'), number('to')];
  const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from < to;
  return {
    smoothing: smoothing > 0 && smoothing <= 0.99 ? smoothing : DEFAULT_CURVE_SETTINGS.smoothing,
    isLog: parameters.get('scale') === 'log',
    range: isRange ? { from, to } : null,
  };
}

/** The query string with these settings and its other parameters, without the question mark. */
function withCurveSettings(search: string, { smoothing, isLog, range }: CurveSettings): string {
  const parameters = new URLSearchParams(search);
  const set = (name: string, value: string | null) =>
    value === null ? parameters.delete(name) : parameters.set(name, value);
  set('scale', isLog ? 'log' : null);
  set('smooth', smoothing > 0 ? String(smoothing) : null);
  set('from', range === null ? null : String(Math.round(range.from)));
  set('to', range === null ? null : String(Math.round(range.to)));
  return readable(parameters);
}

/** A query string in which lists of ids keep their commas. */
export function readable(parameters: URLSearchParams): string {
  return parameters.toString().replaceAll('%2C', ',');
}

function sameSettings(a: CurveSettings, b: CurveSettings): boolean {
  const sameRange = a.range?.from === b.range?.from && a.range?.to === b.range?.to;
  return sameRange && a.smoothing === b.smoothing && a.isLog === b.isLog;
}
