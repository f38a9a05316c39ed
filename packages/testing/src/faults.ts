import type { ServerResponse } from 'node:http';
import type { Fault, Responder } from './responder.ts';

/** The ways in which an endpoint fails, each ready for `answer…With`. What never ends, ends with `stop()`. */
export const faults = {
  /** The right answer, this many milliseconds late. */
  slow: (milliseconds: number): Fault => ({ delay: milliseconds }),

  /** The right body under a wrong status. */
  status: (status: number): Fault => ({ status }),

  /** A page of HTML under 200, as proxies answer. */
  garbage: { body: '<!doctype html><title>Sorry</title>', headers: { 'content-type': 'text/html' } },

  /** JSON that ends early. */
  truncated: { body: '{"issuer":"' },

  /** 200 and no body. */
  empty: { body: '' },

  /** 302 to another address. */
  redirect: (to: string): Fault => ({ status: 302, body: '', headers: { location: to } }),

  /** A body as fast as it is read, for ever. */
  endless: (_request: unknown, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  },

  /** One byte every 50 ms, for ever. */
  drip: (_request: unknown, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drops = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drops));
  },

  /** The connection stays open and nothing comes. */
  silent: (): void => undefined,

  /** The connection ends before an answer. */
  cut: (_request: unknown, response: ServerResponse): void => void response.destroy(),
} as const satisfies Readonly<Record<string, Responder | ((value: never) => Responder)>>;
