import { listen, StartRefused } from '@portcullis/service';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';

/** An application that answers every request, closed when the test ends. */
function application() {
  const made = createServer((_request, response) => response.end('hello'));
  onTestFinished(() => {
    made.close();
    made.closeAllConnections();
  });
  return {
    server: () => made,
    port: () => (made.address() as AddressInfo).port,
    open: async (port: number, host: string): Promise<void> => {
      made.listen(port, host);
      await once(made, 'listening');
    },
  };
}

async function freePort(): Promise<number> {
  const taken = application();
  await taken.open(0, '127.0.0.1');
  const port = taken.port();
  await new Promise((resolve) => taken.server().close(resolve));
  return port;
}

function failing(error: Error) {
  return {
    ...application(),
    open: async (): Promise<void> => {
      throw error;
    },
  };
}

const coded = (code: string) => Object.assign(new Error(code), { code });
const at = { port: 7000, host: '127.0.0.1', variable: 'PORT' };

describe('listening', () => {
  it('works on a free port', async () => {
    const app = application();
    await listen(app, { ...at, port: 0 });
    expect(await (await fetch(`http://127.0.0.1:${app.port()}`)).text()).toBe('hello');
  });

  it.each(['127.0.0.1', '[::1]'])('on localhost answers at %s, until it is closed', async (host) => {
    const app = application();
    const port = await freePort();
    await listen(app, { ...at, port, host: 'localhost' });
    const get = () => fetch(`http://${host}:${port}`, { headers: { connection: 'close' } });
    expect(await (await get()).text()).toBe('hello');
    await new Promise((resolve) => app.server().close(resolve));
    await expect(get()).rejects.toThrow('fetch failed');
  });

  it('on a taken port says which variable moves it', async () => {
    const taken = application();
    await taken.open(0, '127.0.0.1');
    const refusal = listen(application(), { ...at, port: taken.port(), variable: 'IDENTITY_PORT' });
    await expect(refusal).rejects.toThrow(StartRefused);
    await expect(refusal).rejects.toThrow(
      `Port ${taken.port()} is already in use. Stop what listens there, or set IDENTITY_PORT to a free port.`,
    );
    await expect(refusal).rejects.not.toThrow('AirPlay');
  });

  it('names AirPlay on port 7000', async () => {
    await expect(listen(failing(coded('EADDRINUSE')), at)).rejects.toThrow(
      'set PORT to a free port. On macOS, AirPlay Receiver listens there',
    );
  });

  it('on an address of another machine blames HOST', async () => {
    await expect(listen(application(), { ...at, port: 0, host: '192.0.2.1' })).rejects.toThrow(
      'HOST names an address that this machine does not have. Leave it unset for loopback.',
    );
  });

  it('on a port that is not for this user says what to set', async () => {
    await expect(listen(failing(coded('EACCES')), { ...at, port: 80 })).rejects.toThrow(
      'Port 80 may not be opened by this user. Set PORT to one above 1023.',
    );
  });

  it('leaves any other error as it is', async () => {
    const bug = new TypeError('a bug');
    await expect(listen(failing(bug), at)).rejects.toBe(bug);
  });
});
