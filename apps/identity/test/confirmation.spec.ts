import { describe, expect, it } from 'vitest';
import { confirmsEveryTime } from '../src/provider/confirmation.ts';

const PUBLIC = 'https://login.example.com/';
const LOCAL = 'http://localhost:4000/';

describe('whether anybody can have started a request', () => {
  it.each([
    ['for a device', PUBLIC, 'code_verification', undefined, true],
    ['for a device, gone on with', LOCAL, 'device_resume', undefined, true],
    ['sent back to a site', PUBLIC, 'authorization', 'https://shop.example.com/callback', false],
    ['sent back to this machine', PUBLIC, 'authorization', 'http://localhost:4040/callback', true],
    ['sent back to this machine by its address', PUBLIC, 'resume', 'http://127.0.0.1:4040/', true],
    ['sent back to this machine by its newer address', PUBLIC, 'resume', 'http://[::1]:4040/', true],
    ['in development, where all is on this machine', LOCAL, 'authorization', 'http://localhost:4040/', false],
    ['sent back to a name like it', PUBLIC, 'authorization', 'https://localhost.example.com/', false],
    ['sent back to what is no address', PUBLIC, 'authorization', 'not an address', false],
  ])('%s', (_name, issuer, route, redirectUri, confirmed) => {
    expect(confirmsEveryTime({ issuer, route, redirectUri })).toBe(confirmed);
  });
});
