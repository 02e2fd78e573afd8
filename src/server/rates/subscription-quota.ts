import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../resolvers/context.ts';
import type { Quota } from '../../runner/index.ts';
import { endingWith } from '../ending-with.ts';
import { userKeyOf } from './user-key.ts';

/**
 * Bounds the subscriptions that are open at the same time, over SSE and WebSocket: of one user, and in total. One more is refused with
 * the code `TOO_MANY_SUBSCRIPTIONS`; the open ones continue.
 */
export function useSubscriptionQuota({ perUser, total }: Quota): Plugin<Context> {
  const byUser = new Map<string, number>();
  let open = 0;

  function release(user: string): void {
    open -= 1;
    const left = (byUser.get(user) ?? 0) - 1;
    if (left > 0) byUser.set(user, left);
    else byUser.delete(user);
  }

  function take(user: string): GraphQLError | null {
    const ofUser = byUser.get(user) ?? 0;
    if (open >= total) return tooMany('The server has', total);
    if (ofUser >= perUser) return tooMany('You have', perUser);
    open += 1;
    byUser.set(user, ofUser + 1);
    return null;
  }

  return {
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn(async (args: { readonly contextValue?: unknown }) => {
        const user = userKeyOf((args.contextValue as Context).caller);
        const refused = take(user);
        if (refused) return { errors: [refused] };
        let isOpen = true;
        const end = () => {
          if (isOpen) release(user);
          isOpen = false;
        };
        try {
          const result = (await subscribeFn(args as never)) as object;
          if (Symbol.asyncIterator in result) return endingWith(result as AsyncGenerator<unknown, void, void>, end);
          end();
          return result;
        } catch (error) {
          end();
          throw error;
        }
      });
    },
  };
}

function tooMany(who: string, limit: number): GraphQLError {
  return new GraphQLError(
    `${who} the maximum of ${limit} subscriptions open (TRAINYARD_MAX_SUBSCRIPTIONS). End some, and try again.`,
    { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', http: { spec: true, status: 429 } } },
  );
}
