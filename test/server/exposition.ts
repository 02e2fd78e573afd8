import { expect } from 'vitest';
import { ask, type TestServer } from './support.ts';

/** The metrics of one scrape: the value of each sample by its name with its labels, as they stand in the text. */
export type Samples = ReadonlyMap<string, number>;

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`;
const SAMPLE = new RegExp(`^(${NAME})((?:\\{${LABEL}(?:,${LABEL})*\\})?) (\\S+)$`);
const TYPES = ['counter', 'gauge', 'histogram', 'summary'];

/** Asks for the metrics, as Prometheus does. */
export async function scrape(server: Pick<TestServer, 'port'>): Promise<Samples> {
  const { status, headers, text } = await ask(server, { path: '/metrics' });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(text);
}

/** Reads the text format of Prometheus; fails where the text is not as the format wants it. */
function parseExposition(text: string): Samples {
  expect(text.endsWith('\n')).toBe(true);
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  const described = new Set<string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      described.add(name);
    } else if (keyword === 'TYPE') {
      expect(TYPES, line).toContain(rest);
      expect(types.has(name), `${name} has one type`).toBe(false);
      types.set(name, rest);
    } else {
      const [, metric = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      expect(metric, `a sample: ${line}`).not.toBe('');
      const family = types.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, '');
      expect([...types.keys()], line).toContain(family);
      expect(described.has(family), `${family} is described`).toBe(true);
      expect(value, line).toMatch(/^([-+]?\d+(\.\d+)?(e[-+]?\d+)?|[-+]Inf|NaN)$/i);
      expect(samples.has(metric + labels), `${metric}${labels} comes once`).toBe(false);
      samples.set(metric + labels, Number(value.replace('+Inf', 'Infinity')));
    }
  }
  return samples;
}
