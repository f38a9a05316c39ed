import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditEvent } from '@portcullis/nest';
import { Sampling } from '../../src/audit/sampling.ts';

const denial = (subject: string): AuditEvent => ({
  time: '2026-11-01T00:00:00.000Z',
  outcome: 'denied',
  context: 'http',
  handler: 'ItemsController.list',
  permissions: ['read:items'],
  anyPermissionOf: [],
  subject,
  issuer: 'https://issuer.example/',
  code: 'ERR_INSUFFICIENT_PERMISSIONS',
});

describe('sampling', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('begins anew each minute, and tells at its end of what it only counted', () => {
    const told: AuditEvent[] = [];
    const sampling = new Sampling((event) => told.push(event));
    for (let count = 0; count < 12; count++) sampling.take(denial('user|1'));
    expect(told).toHaveLength(10);
    vi.advanceTimersByTime(60_000);
    expect(told.slice(10)).toEqual([{ ...denial('user|1'), notWritten: 2 }]);
    sampling.take(denial('user|1'));
    expect(told).toHaveLength(12);
  });

  it('loses none of a hundred thousand callers, and remembers no more than a thousand of them', () => {
    const told: AuditEvent[] = [];
    const sampling = new Sampling((event) => told.push(event));
    for (let caller = 0; caller < 100_000; caller++) sampling.take(denial(`user|${caller}`));
    // A thousand of their own, ten of all the others together.
    expect(told).toHaveLength(1010);
    sampling.flush();
    expect(told.length + (told.at(-1)?.notWritten ?? 0) - 1).toBe(100_000);
  });
});
