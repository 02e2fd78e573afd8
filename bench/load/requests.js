/** Sends one query over some connections without a pause, and counts the answers, at the lowest cost: nothing is parsed. */
import { connect } from 'node:net';
import { answerCommands } from '../commands.ts';
import { JOB_ID, READ } from '../progress.ts';

const BODY = JSON.stringify({ query: READ, variables: { id: JOB_ID } });
const REQUEST = [
  'POST /graphql HTTP/1.1',
  'host: localhost',
  'authorization: Bearer secret',
  'accept: application/json',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(BODY)}`,
  '',
  BODY,
].join('\r\n');

/** One connection until `end`; adds its answers and their times to `counts`. */
function send(port, end, counts) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let sentAt = 0;
    let received = '';
    const next = () => {
      sentAt = performance.now();
      if (sentAt < end) socket.write(REQUEST);
      else socket.end();
    };
    socket.on('connect', next);
    socket.on('error', reject);
    socket.on('close', resolve);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head))?.[1]);
      if (received.length < head + 4 + length) return;
      if (!received.startsWith('HTTP/1.1 200') || !received.includes('"best":[{')) return reject(new Error(received));
      received = '';
      counts.push(performance.now() - sentAt);
      next();
    });
  });
}

answerCommands({
  async run(port, connections, milliseconds) {
    const counts = [];
    const began = performance.now();
    await Promise.all(Array.from({ length: connections }, () => send(port, began + milliseconds, counts)));
    const seconds = (performance.now() - began) / 1000;
    const sorted = counts.sort((a, b) => a - b);
    return {
      answers: sorted.length,
      perSecond: sorted.length / seconds,
      p99: sorted[Math.floor(sorted.length * 0.99)],
    };
  },
});
