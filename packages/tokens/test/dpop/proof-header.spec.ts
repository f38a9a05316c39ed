import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { createTestKey, spoiled, type TestKey } from '@portcullis/testing';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { allAlgorithms } from '../../src/algorithm.ts';
import { thumbprintOf } from '../../src/dpop/proof-key.ts';
import { createTrial, invalid, token, type Trial } from './trial.ts';

let trial: Trial;
let rsa: TestKey;
beforeAll(async () => {
  trial = await createTrial();
  rsa = await createTestKey('RS256');
});

describe('the header of a proof', () => {
  it.each(['dpop+jwt', 'DPoP+JWT'])('may have typ %j', async (typ) => {
    await expect(trial.check(trial.proof({ header: { typ } }))).resolves.toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['typ', undefined],
    ['typ', 'JWT'],
    ['typ', 'at+jwt'],
    ['typ', 'dpop'],
    ['typ', 'dpop+jwt '],
    ['typ', ''],
    ['typ', null],
    ['typ', ['dpop+jwt']],
    ['crit', ['exp']],
    ['crit', []],
    ['crit', null],
    ['b64', false],
    ['b64', true],
    ['zip', 'DEF'],
    ['enc', 'A128GCM'],
    ['jwk', undefined],
    ['jwk', null],
    ['jwk', 'a key'],
    ['jwk', []],
    ['jwk', {}],
  ])('is refused with %s %j', async (parameter, value) => {
    const proof = trial.proof({ header: { [parameter]: value } });
    const reason: unknown = await trial.check(proof).catch((error: unknown) => error);
    expect(reason).toMatchObject(invalid);
    expect(String(reason)).toContain(`"${parameter}"`);
  });

  it('may have parameters that mean nothing here', async () => {
    const header = { kid: '../../etc/passwd', x5t: 'AAAA', cty: 'x', private: { deep: [1] } };
    await expect(trial.check(trial.proof({ header }))).resolves.toBeUndefined();
  });

  it('sends nobody to an address', async () => {
    let visits = 0;
    const canary = createServer((_request, response) => {
      visits++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const address = canary.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/keys`;
    for (const [parameter, value] of Object.entries({ jku: url, x5u: url, x5c: ['AAAA'] })) {
      await expect(trial.check(trial.proof({ header: { [parameter]: value } }))).rejects.toMatchObject(
        invalid,
      );
    }
    expect(visits).toBe(0);
    canary.close();
  });
});

describe('the algorithm of a proof', () => {
  it.each(allAlgorithms)('may be %s with a key that fits', async (algorithm) => {
    const own = await createTrial({ key: await createTestKey(algorithm) });
    await expect(own.check(own.proof())).resolves.toBeUndefined();
    await expect(own.check(spoiled.signature(own.proof()))).rejects.toMatchObject(invalid);
    for (const alg of allAlgorithms) {
      const isOwnName = alg === algorithm || (alg.startsWith('Ed') && algorithm.startsWith('Ed'));
      if (!isOwnName) await expect(own.check(own.proof({ header: { alg } }))).rejects.toMatchObject(invalid);
    }
  });

  it.each(['none', 'None', '', 'es256', ' ES256', 'HS256', 'RS1', 'ES256K', null, 1, ['ES256'], undefined])(
    'is refused as %j',
    async (alg) => {
      await expect(trial.check(trial.proof({ header: { alg } }))).rejects.toMatchObject(invalid);
    },
  );

  it('is refused as HS256 keyed with the public key', async () => {
    const pem = trial.key.publicKey.export({ type: 'spki', format: 'pem' });
    for (const secret of [pem, JSON.stringify(trial.key.publicJwk)]) {
      const [head, body] = spoiled.header(trial.proof(), { alg: 'HS256' }).split('.');
      const mac = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
      await expect(trial.check(`${head}.${body}.${mac}`)).rejects.toMatchObject(invalid);
    }
  });

  it('is refused when the options leave it out', async () => {
    const [onlyRsa, onlyEs] = await Promise.all([
      createTrial({ key: trial.key, algorithms: ['RS256'] }),
      createTrial({ key: trial.key, algorithms: ['ES256'] }),
    ]);
    await expect(onlyRsa.check(onlyRsa.proof())).rejects.toMatchObject(invalid);
    await expect(onlyEs.check(onlyEs.proof())).resolves.toBeUndefined();
  });

  it.each<[string, (signature: Buffer) => Buffer]>([
    ['zeros', () => Buffer.alloc(64)],
    ['r alone', (signature) => signature.subarray(0, 32)],
    ['a byte too few', (signature) => signature.subarray(0, 63)],
    ['a byte too many', (signature) => Buffer.concat([signature, Buffer.alloc(1)])],
    ['r and s exchanged', (signature) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)])],
    ['r zero', (signature) => Buffer.concat([Buffer.alloc(32), signature.subarray(32)])],
    ['the largest numbers', () => Buffer.alloc(64, 0xff)],
    [
      'DER',
      (signature) =>
        Buffer.concat([
          Buffer.from([0x30, 70, 2, 33, 0]),
          signature.subarray(0, 32),
          Buffer.from([2, 33, 0]),
          signature.subarray(32),
        ]),
    ],
  ])('ES256 refuses a signature of %s', async (_case, spoil) => {
    const [head, body, signature = ''] = trial.proof().split('.');
    const bytes = spoil(Buffer.from(signature, 'base64url'));
    await expect(trial.check(`${head}.${body}.${bytes.toString('base64url')}`)).rejects.toMatchObject(
      invalid,
    );
    await expect(trial.check(`${head}.${body}.${signature}`)).resolves.toBeUndefined();
  });
});

describe('the key in a proof', () => {
  it('may come with what clients say about it', async () => {
    const jwk = { ...trial.key.publicJwk, ext: true, key_ops: ['verify'] };
    await expect(trial.check(trial.proof({ header: { jwk } }))).resolves.toBeUndefined();
  });

  it('is refused when it is private, and its owner is told', async () => {
    for (const key of [trial.key, rsa, await createTestKey('Ed25519')]) {
      const own = await createTrial({ key });
      const proof = own.proof({ header: { jwk: key.privateKey.export({ format: 'jwk' }) } });
      await expect(own.check(proof)).rejects.toThrow(/private key/);
      await expect(own.check(own.proof())).resolves.toBeUndefined();
    }
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('is refused with a member %s', async (member) => {
    const own = await createTrial({ key: rsa });
    const jwk = { ...rsa.publicJwk, [member]: 'AAAA' };
    await expect(own.check(own.proof({ header: { jwk } }))).rejects.toThrow(/private key/);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['no kty', { kty: undefined }],
    ['kty oct', { kty: 'oct' }],
    ['kty AKP', { kty: 'AKP' }],
    ['kty in another case', { kty: 'ec' }],
    ['no crv', { crv: undefined }],
    ['another crv', { crv: 'P-384' }],
    ['crv secp256k1', { crv: 'secp256k1' }],
    ['no y', { y: undefined }],
    ['a number for x', { x: 7 }],
    ['padding', { x: 'AAAA==' }],
    ['a point off the curve', { y: Buffer.alloc(32, 1).toString('base64url') }],
  ])('is refused with %s', async (_case, changes) => {
    const jwk = { ...trial.key.publicJwk, ...changes };
    await expect(trial.check(trial.proof({ header: { jwk } }))).rejects.toMatchObject(invalid);
  });

  it.each([undefined, null, 7, ['P-256']])('is refused for a crv that is %j', async (crv) => {
    const jwk = { ...trial.key.publicJwk, crv };
    await expect(trial.check(trial.proof({ header: { jwk } }))).rejects.toThrow(/without a "crv"/);
  });

  it.each<[string, JWK]>([
    [
      'a point off the curve',
      { kty: 'EC', crv: 'P-256', x: zeros(32), y: Buffer.alloc(32, 1).toString('base64url') },
    ],
    ['too few bytes', { kty: 'EC', crv: 'P-256', x: 'AQEB', y: 'AQEB' }],
    ['half a point', { kty: 'OKP', crv: 'Ed25519', x: zeros(16) }],
    ['an exponent of 1, for which any text is a signature', { kty: 'RSA', n: '', e: 'AQ' }],
  ])('is refused with %s even when the token is bound to it', async (_case, given) => {
    const jwk = given.kty === 'RSA' ? { ...given, n: rsa.publicJwk.n ?? '' } : given;
    const alg = { EC: 'ES256', OKP: 'EdDSA', RSA: 'RS256' }[String(given.kty)];
    const proof = trial.proof({ header: { jwk, alg } });
    const credential = { scheme: 'dpop', token, method: 'GET', url: '/items', proof } as const;
    await expect(trial.dpop.check(credential, await calculateJwkThumbprint(jwk))).rejects.toThrow(/no key/);
  });

  it('has one spelling, even when the token is bound to another', async () => {
    const { x = '', ...rest } = trial.key.publicJwk;
    for (const spelling of [`${x}=`, `${x} `, `${x.slice(0, -1)}*`, '']) {
      const jwk = { ...rest, x: spelling };
      const bound = thumbprintOf({ kty: 'EC', crv: 'P-256', x: spelling, y: rest.y ?? '' });
      const proof = trial.proof({ header: { jwk } });
      const credential = { scheme: 'dpop', token, method: 'GET', url: '/items', proof } as const;
      await expect(trial.dpop.check(credential, bound)).rejects.toThrow(/"x" is not canonical/);
    }
  });

  it('is refused when RSA is shorter than 2048 bits', async () => {
    const [weak, strong] = await Promise.all([
      createTrial({ key: await createTestKey('RS256', { modulusLength: 1024 }) }),
      createTrial({ key: rsa }),
    ]);
    await expect(weak.check(weak.proof())).rejects.toThrow(/weak/);
    await expect(strong.check(strong.proof())).resolves.toBeUndefined();
  });
});

function zeros(length: number): string {
  return Buffer.alloc(length).toString('base64url');
}
