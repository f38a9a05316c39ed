import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A line between an API and identity that can be cut: every connection is dropped, and no other is let through. */
export interface CuttableProxy {
  readonly port: number;
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function cuttableProxy(to: number): Promise<CuttableProxy> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((here) => {
    if (isCut) return void here.destroy();
    const there = connect(to, 'localhost');
    for (const socket of [here, there]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket)).on('error', () => socket.destroy());
    }
    here.pipe(there).pipe(here);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => {
      isCut = false;
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
