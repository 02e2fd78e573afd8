import { InvalidInputError } from '../runner/index.ts';

/** Entries on a page when neither `first` nor `last` is given. */
export const DEFAULT_PAGE = 50;
/** The most entries on a page. */
const LARGEST_PAGE = 200;

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page of a list in the shape of a Relay connection. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** A list for keyset pagination: a place identifies an entry even if the list changes. */
export interface PagedList<Node, Place> {
  /** Up to `limit` entries between two places, from the beginning of that range or from its end; always in the list's order. */
  readonly list: (query: {
    readonly after: Place | null;
    readonly before: Place | null;
    readonly limit: number;
    readonly fromEnd: boolean;
  }) => readonly Node[];
  readonly placeOf: (node: Node) => Place;
  readonly encode: (place: Place) => string;
  /** @throws InvalidInputError, with the name of the argument, for a cursor that this list did not give */
  readonly decode: (cursor: string, argument: 'after' | 'before') => Place;
}

/**
 * One page of a list.
 *
 * Pothos's `resolveCursorConnection` would change what clients get. It reports a previous page whenever `after` is given and a next one
 * whenever `before` is, without a check; it reduces a `first` beyond the maximum silently; an empty page has the cursor `""`, not null. It
 * would also tie the resolvers to the library of the schema.
 * @throws InvalidInputError for a page size out of bounds, `first` together with `last`, or a foreign cursor
 */
export function takePage<Node, Place>(
  args: PageArguments,
  { list, placeOf, encode, decode }: PagedList<Node, Place>,
): Page<Node> {
  const size = pageSize(args);
  const fromEnd = args.last != null;
  // One more entry than requested shows whether there is another page on that side.
  const found = list({
    after: args.after == null ? null : decode(args.after, 'after'),
    before: args.before == null ? null : decode(args.before, 'before'),
    limit: size + 1,
    fromEnd,
  });
  const more = found.length > size;
  const nodes = !more ? found : fromEnd ? found.slice(1) : found.slice(0, size);
  const places = nodes.map(placeOf);
  const cursors = places.map(encode);
  const [first, last] = [places[0], places.at(-1)];
  const anyBefore = (before: Place) => list({ after: null, before, limit: 1, fromEnd: true }).length > 0;
  const anyAfter = (after: Place) => list({ after, before: null, limit: 1, fromEnd: false }).length > 0;
  return {
    edges: nodes.map((node, index) => ({ cursor: cursors[index] ?? '', node })),
    pageInfo: {
      hasNextPage: fromEnd ? last !== undefined && anyAfter(last) : more,
      hasPreviousPage: fromEnd ? more : first !== undefined && anyBefore(first),
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
  };
}

function pageSize({ first, last }: PageArguments): number {
  if (first != null && last != null) {
    throw new InvalidInputError('Give first or last, not both.', ['last']);
  }
  const [name, size] = last == null ? (['first', first ?? DEFAULT_PAGE] as const) : (['last', last] as const);
  if (size < 1 || size > LARGEST_PAGE) {
    throw new InvalidInputError(
      `${name} must be from 1 to ${LARGEST_PAGE}; it was ${size}. Use after or before to get further pages.`,
      [name],
    );
  }
  return size;
}
