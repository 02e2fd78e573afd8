import { MessageType } from 'graphql-ws';
import { badRequest } from '../limits/bounded-json.ts';
import { formatError } from '../error-report.ts';
import { describeJsonExcess, type JsonExcess, type JsonLimits } from '../limits/json-scan.ts';

/** The id of a `subscribe` message where clients put it: before the payload, which is not read. */
const SUBSCRIBE =
  /^\{\s*(?:"type"\s*:\s*"subscribe"\s*,\s*"id"\s*:\s*("(?:[^"\\]|\\.){1,128}")|"id"\s*:\s*("(?:[^"\\]|\\.){1,128}")\s*,\s*"type"\s*:\s*"subscribe")\s*,/;

/**
 * The `error` message that answers a `subscribe` message which is too costly to parse, so that its socket can stay open. Null for any
 * other message, and for one that nests too deeply: no client sends such a message by mistake.
 */
export function refuseMessage(text: string, excess: JsonExcess, limits: JsonLimits): string | null {
  if (excess === 'LEVELS') return null;
  const match = SUBSCRIBE.exec(text.slice(0, 1000));
  const id = match?.[1] ?? match?.[2];
  if (id === undefined) return null;
  const message = `The message ${describeJsonExcess(excess, limits)}. Send less in one operation.`;
  const payload = [formatError(badRequest(message, 'VARIABLES_TOO_LARGE'))];
  return `{"id":${id},"type":"${MessageType.Error}","payload":${JSON.stringify(payload)}}`;
}

/** The reason for closing a WebSocket whose message cannot be answered. */
export function reasonOf(excess: JsonExcess, limits: JsonLimits): string {
  return excess === 'LEVELS'
    ? `JSON nests more than ${limits.jsonLevels} levels`
    : `JSON ${describeJsonExcess(excess, limits)}`;
}
