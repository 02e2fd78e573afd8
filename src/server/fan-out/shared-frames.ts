/** First byte of a text frame that is a whole message (RFC 6455, section 5.2). */
const WHOLE_TEXT = 0x81;

/**
 * The WebSocket frames of one answer, which differ only in their start: it contains the id of the subscription. Subscribers write the same
 * memory one after the other, because a frame of its own for each would take longer than all other steps but the write.
 */
export interface SharedFrames {
  /**
   * The frame for one subscriber. Another subscriber overwrites it, so write it at once.
   * @param start of the message, before the answer
   */
  startingWith(start: Buffer): Buffer;
  /** Leaves the memory of the latest frame as it is, because the connection has not taken all of it. */
  keep(): void;
}

/** @param answer JSON; the message ends after it with `}` */
export function createSharedFrames(answer: string): SharedFrames {
  const length = Buffer.byteLength(answer);
  let shared: { readonly frame: Buffer; readonly startAt: number; readonly startLength: number } | undefined;

  function build(startLength: number) {
    const head = frameHead(startLength + length + 1);
    const frame = Buffer.allocUnsafeSlow(head.length + startLength + length + 1);
    frame.set(head);
    frame.write(`${answer}}`, head.length + startLength);
    return { frame, startAt: head.length, startLength };
  }

  return {
    startingWith(start) {
      if (shared?.startLength !== start.length) shared = build(start.length);
      shared.frame.set(start, shared.startAt);
      return shared.frame;
    },
    keep() {
      shared = undefined;
    },
  };
}

/** The head of a text frame from a server. */
function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([WHOLE_TEXT, length]);
  if (length < 0x1_0000) return Buffer.from([WHOLE_TEXT, 126, length >> 8, length & 0xff]);
  const head = Buffer.from([WHOLE_TEXT, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
