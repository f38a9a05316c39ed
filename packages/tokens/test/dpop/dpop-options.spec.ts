import { describe, expect, it } from 'vitest';
import { DpopCheck } from '../../src/dpop/dpop-check.ts';
import type { DpopOptions } from '../../src/dpop/dpop-options.ts';
import { MemoryStore } from './memory-store.ts';

const good: DpopOptions = { publicUrl: 'https://menu-api.example.com', replayStore: new MemoryStore() };

function build(changes: Readonly<Record<string, unknown>>): DpopCheck {
  return new DpopCheck({ ...good, ...changes }, Date, 5);
}

describe('the options of DPoP', () => {
  it('need no more than an address and a store', () => {
    expect(build({})).toMatchObject({ required: false });
    expect(build({}).nonce()).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['publicUrl', 'https://menu-api.example.com/api/'],
    ['publicUrl', 'http://localhost:7000'],
    ['algorithms', ['ES256']],
    ['proofLifetime', 1],
    ['proofLifetime', 300],
    ['nonce', { secret: 's'.repeat(32) }],
    ['nonce', { secret: 'ü'.repeat(16) }],
    ['nonce', { secret: new Uint8Array(32), lifetime: 60 }],
    ['required', true],
  ])('may have %s %j', (option, value) => {
    expect(build({ [option]: value })).toBeInstanceOf(DpopCheck);
  });

  it.each<[string, unknown, string]>([
    ['publicUrl', undefined, 'publicUrl'],
    ['publicUrl', 'menu-api.example.com', 'publicUrl'],
    ['publicUrl', 'http://menu-api.example.com', 'publicUrl'],
    ['publicUrl', 'https://user@menu-api.example.com', 'publicUrl'],
    ['publicUrl', 'https://menu-api.example.com/?x=1', 'publicUrl'],
    ['publicUrl', 'https://menu-api.example.com/#x', 'publicUrl'],
    ['replayStore', undefined, 'replayStore'],
    ['replayStore', null, 'replayStore'],
    ['replayStore', new Map(), 'replayStore'],
    ['algorithms', [], 'algorithms'],
    ['algorithms', 'ES256', 'algorithms'],
    ['algorithms', ['HS256'], 'algorithms'],
    ['algorithms', ['none'], 'algorithms'],
    ['proofLifetime', 0, 'proofLifetime'],
    ['proofLifetime', 301, 'proofLifetime'],
    ['proofLifetime', '60', 'proofLifetime'],
    ['proofLifetime', Number.NaN, 'proofLifetime'],
    ['nonce', null, 'nonce'],
    ['nonce', true, 'nonce'],
    ['nonce', {}, 'nonce.secret'],
    ['nonce', { secret: 's'.repeat(31) }, 'nonce.secret'],
    ['nonce', { secret: new Uint8Array(31) }, 'nonce.secret'],
    ['nonce', { secret: Array.from({ length: 32 }) }, 'nonce.secret'],
    ['nonce', { secret: 's'.repeat(32), lifetime: 0 }, 'nonce.lifetime'],
    ['nonce', { secret: 's'.repeat(32), lifetime: Infinity }, 'nonce.lifetime'],
    ['required', 'false', 'required'],
  ])('are refused with %s %j by name', (option, value, named) => {
    expect(() => build({ [option]: value })).toThrow(TypeError);
    expect(() => build({ [option]: value })).toThrow(`"dpop.${named}"`);
  });

  it('never quote a secret', () => {
    expect(() => build({ nonce: { secret: 'hunter2' } })).toThrow(/^(?!.*hunter2)/);
    expect(JSON.stringify(build({ nonce: { secret: 'hunter2'.repeat(5) } }))).not.toContain('hunter2');
  });
});
