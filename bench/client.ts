import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the clients are asked for: one request for each of these tokens, shared among the connections. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly from: number;
  readonly requests: number;
  readonly connections: number;
}

/** Milliseconds. */
export interface Answered {
  readonly wall: number;
  readonly p99: number;
}

// A process of its own, so that the server is charged for the server alone. Its first message are the tokens.
process.once('message', (tokens: readonly string[]) => {
  process.on('message', (load: Load) => void send(load, tokens).then((answered) => process.send?.(answered)));
});
process.on('disconnect', () => process.exit());

async function send(load: Load, tokens: readonly string[]): Promise<Answered> {
  const { port, path, from, requests, connections } = load;
  const times: number[] = [];
  let next = 0;
  const connection = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
    await once(socket, 'connect');
    while (next < requests) {
      const token = tokens[(from + next++) % tokens.length] ?? '';
      const started = performance.now();
      await exchange(socket, request(path, token));
      times.push(performance.now() - started);
    }
    socket.destroy();
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, connection));
  const wall = performance.now() - started;
  return { wall, p99: times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN };
}

async function exchange(socket: Socket, message: string): Promise<void> {
  socket.write(message);
  let answer = '';
  while (!answer.endsWith('"}')) {
    const [chunk]: unknown[] = await once(socket, 'data');
    answer += String(chunk);
  }
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`not 200: ${answer.slice(0, 12)}`);
}

function request(path: string, token: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: keep-alive',
    'Accept: application/json',
    'Accept-Encoding: gzip, deflate, br',
    `Authorization: Bearer ${token}`,
    '',
    '',
  ].join('\r\n');
}
