import { signRaw, spoiled } from '@portcullis/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTrial, invalid, type Trial } from './trial.ts';

let trial: Trial;
beforeAll(async () => void (trial = await createTrial()));

describe('the form of a proof', () => {
  it('is accepted unspoiled', async () => {
    await expect(trial.check(trial.proof())).resolves.toBeUndefined();
  });

  it.each<[string, (proof: string) => string | undefined]>([
    ['nothing', () => undefined],
    ['an empty field', () => ''],
    ['two fields, joined', (proof) => `${proof}, ${trial.proof()}`],
    ['two fields, joined without a space', (proof) => `${proof},${trial.proof()}`],
    ['a comma at its end', (proof) => `${proof},`],
    ['a space before it', (proof) => ` ${proof}`],
    ['a line break', (proof) => `${proof}\r\n`],
    ['two parts', (proof) => proof.split('.').slice(0, 2).join('.')],
    ['four parts', (proof) => `${proof}.AAAA`],
    ['five parts, a JWE', (proof) => `${proof}.AAAA.AAAA`],
    ['no signature', spoiled.unsigned],
    ['no signature and no algorithm', spoiled.none],
    ['padding', (proof) => `${proof}==`],
    ['an asterisk', (proof) => `${proof}*`],
    ['spare bits in the last character', spoiled.spelling],
    ['another signature', spoiled.signature],
    ['the claims of another', (proof) => spoiled.claims(proof, { jti: 'another' })],
    ['a JSON serialization', (proof) => JSON.stringify({ payload: proof })],
  ])('is refused with %s', async (_case, spoil) => {
    await expect(trial.check(spoil(trial.proof()))).rejects.toMatchObject(invalid);
  });

  it('may be 8 KiB long and no longer', async () => {
    const length = (pad: number): number =>
      trial.proof({ claims: { jti: 'long', pad: 'p'.repeat(pad) } }).length;
    let most = 5000;
    while (length(most + 1) <= 8192) most++;
    await expect(
      trial.check(trial.proof({ claims: { jti: 'longest', pad: 'p'.repeat(most - 3) } })),
    ).resolves.toBeUndefined();
    await expect(
      trial.check(trial.proof({ claims: { jti: 'too-long', pad: 'p'.repeat(most + 1) } })),
    ).rejects.toMatchObject(invalid);
  });

  it('is refused for its length before its dots are counted', async () => {
    const started = performance.now();
    await expect(trial.check('.'.repeat(4 * 1024 * 1024))).rejects.toMatchObject(invalid);
    expect(performance.now() - started).toBeLessThan(50);
  });

  it.each<[string, (text: string) => string | Uint8Array]>([
    ['a duplicate claim', (text) => text.replace('{', '{"htm":"DELETE",')],
    ['a duplicate claim in disguise', (text) => text.replace('{', '{"\\u0068tm":"DELETE",')],
    ['trailing bytes', (text) => `${text}{}`],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
    ['a list', () => '[]'],
    ['null', () => 'null'],
    ['nesting', (text) => text.replace('{', `{"x":${'['.repeat(40)}${']'.repeat(40)},`)],
  ])('is refused when what was signed has %s', async (_case, spoil) => {
    const [header = '', payload = ''] = trial.proof().split('.').map(decoded);
    const proof = signRaw(header, spoil(payload), trial.key);
    await expect(trial.check(proof)).rejects.toMatchObject(invalid);
    await expect(trial.check(signRaw(header, payload, trial.key))).resolves.toBeUndefined();
  });

  it('is refused when the header that was signed has a duplicate member', async () => {
    const [header = '', payload = ''] = trial.proof().split('.').map(decoded);
    const proof = signRaw(header.replace('{', '{"alg":"none",'), payload, trial.key);
    await expect(trial.check(proof)).rejects.toMatchObject(invalid);
  });

  it('is never quoted by the reason', async () => {
    const proof = trial.proof({ claims: { htm: 'SECRET-METHOD', htu: 'https://secret.example/' } });
    for (const spelling of [proof, `${proof}==`, `${proof},`]) {
      const reason: unknown = await trial.check(spelling).catch((error: unknown) => error);
      expect(reason).toMatchObject(invalid);
      expect(String(reason)).not.toMatch(/secret/i);
      expect(String(reason)).not.toContain(proof.slice(0, 20));
    }
  });
});

function decoded(part: string): string {
  return Buffer.from(part, 'base64url').toString();
}
