import { createServer, type RequestListener, type Server } from 'node:http';

/** An HTTP server on 127.0.0.1 that may be gone for a while and comes back on the same port. */
export interface LoopbackServer {
  readonly origin: string;
  /** Cuts all connections; new ones are refused. */
  pause(): Promise<void>;
  /** @throws Error when another process has taken the port meanwhile */
  resume(): Promise<void>;
}

export async function startLoopbackServer(listener: RequestListener): Promise<LoopbackServer> {
  const server = createServer(listener);
  const port = await listening(server, 0);
  return {
    origin: `http://127.0.0.1:${port}`,
    pause: () => stopped(server),
    resume: async () => {
      if (!server.listening) await listening(server, port);
    },
  };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
