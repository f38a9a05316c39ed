import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the clients are asked for: so many requests of one path, shared among the connections. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly requests: number;
  readonly connections: number;
}

// A process of its own, so that the server is charged for the server alone. Its first message are the tokens.
process.once('message', (tokens: readonly string[]) => {
  const ring = endless(tokens);
  process.on('message', (load: Load) => void send(load, ring).then(() => process.send?.('done')));
});

async function send(
  { port, path, requests, connections }: Load,
  tokens: Generator<string, never>,
): Promise<void> {
  let left = requests;
  const connection = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
    await once(socket, 'connect');
    while (left-- > 0) await exchange(socket, request(path, tokens.next().value));
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, connection));
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

function* endless(tokens: readonly string[]): Generator<string, never> {
  for (;;) yield* tokens;
}

/** With the headers of a browser's fetch. */
function request(path: string, token: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: keep-alive',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0',
    'Accept: application/json',
    `Authorization: Bearer ${token}`,
    'Origin: https://app.example',
    'Sec-Fetch-Site: same-site',
    'Sec-Fetch-Mode: cors',
    'Referer: https://app.example/',
    'Accept-Encoding: gzip, deflate, br',
    'Accept-Language: en',
    '',
    '',
  ].join('\r\n');
}
