import { expect, test } from 'vitest';
import { serve } from '../server/support.ts';
import { verdictOn, WAYS } from './attack.ts';
import { DOCUMENT_ATTACKS } from './document-attacks.ts';

test.each(DOCUMENT_ATTACKS.map((attack) => [attack.id, attack.title, attack] as const))(
  '%s: %s is refused on every path with a short answer',
  async (_id, _title, { operation, code }) => {
    const server = await serve();
    for (const [way, send] of WAYS) {
      const outcome = await send(server, operation());
      expect({ way, ...verdictOn(outcome) }).toEqual({ way, code, data: null, isShort: true });
    }
  },
);
