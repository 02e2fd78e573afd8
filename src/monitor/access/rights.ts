import type { MeQuery } from '../graphql/graphql.ts';
import type { Session } from '../live/session.ts';
import { useSession } from '../live/session-context.ts';
import { createStore, type Store, useStore } from '../live/store.ts';
import { MeDocument } from './operations.ts';

/** The permissions of the user of the page. The server enforces them; the page only hides actions that would be refused. */
export interface Rights {
  /** May start jobs, and upload datasets. */
  readonly canStart: boolean;
  /** May replace datasets. */
  readonly canReplace: boolean;
  /** May pause and unpause the queue, and limit groups. */
  readonly canControlQueue: boolean;
  /** May stop, resume, edit and delete a job of this user. */
  canChangeJobOf(startedBy: string | null): boolean;
}

const ALL: Rights = { canStart: true, canReplace: true, canControlQueue: true, canChangeJobOf: () => true };

/** The rights of a user; null is the user of a server without tokens. */
function rightsOf(me: MeQuery['me']): Rights {
  switch (me?.role) {
    case 'VIEWER':
      return { canStart: false, canReplace: false, canControlQueue: false, canChangeJobOf: () => false };
    case 'OPERATOR':
      return {
        canStart: true,
        canReplace: false,
        canControlQueue: false,
        canChangeJobOf: (startedBy) => startedBy === me.name,
      };
    case 'ADMIN':
    case undefined:
      return ALL;
  }
}

/** Fetches the rights. All rights until they are known: most users have them, and their page must not change its layout. */
function fetchRights(session: Session): Store<Rights> {
  const rights = createStore(ALL);
  session.query(MeDocument, {}).then(
    ({ me }) => rights.set(rightsOf(me)),
    // A session that the server refuses ends. If the server does not respond now, it still refuses forbidden actions later.
    () => undefined,
  );
  return rights;
}

/** The rights of the user of the page. */
export function useRights(): Rights {
  return useStore(useSession().getOrCreate(fetchRights));
}
