import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer, request as requestOver, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { importX509, SignJWT, jwtVerify } from 'jose';
import { createTestCertificate, type TestCertificate } from '@portcullis/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

describe('a test certificate', () => {
  it('is read by Node: signed by its own key, valid now, for loopback', async () => {
    const { der, cert, key } = await createTestCertificate({ name: 'Zoë' });
    const read = new X509Certificate(der);
    expect(read.subject).toBe('CN=Zoë');
    expect(read.issuer).toBe(read.subject);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(read.checkHost('localhost')).toBe('localhost');
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(read.checkHost('api.example')).toBeUndefined();
    expect(read.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(read.validToDate.getTime()).toBeGreaterThan(Date.now());
    expect(new X509Certificate(cert).raw).toEqual(read.raw);
  });

  it('is written as DER has it, whatever its random parts and lengths', async () => {
    for (const length of [1, 63, 64, 100, 127, 128, 200, 300]) {
      const name = 'n'.repeat(length);
      const { der } = await createTestCertificate({ name });
      const read = new X509Certificate(der);
      expect(read.verify(read.publicKey)).toBe(true);
      expect(read.subject).toBe(`CN=${name}`);
      expect(read.serialNumber).toMatch(/^01[\dA-F]{30}$/);
    }
  });

  it('has the thumbprint of its bytes', async () => {
    const { der, x5tS256 } = await createTestCertificate();
    const hex = new X509Certificate(der).fingerprint256.replaceAll(':', '');
    expect(x5tS256).toBe(Buffer.from(hex, 'hex').toString('base64url'));
    expect((await createTestCertificate()).x5tS256).not.toBe(x5tS256);
  });

  it('may be over', async () => {
    const notBefore = new Date('2020-02-29T01:02:03Z');
    const notAfter = new Date('2021-12-31T23:59:59Z');
    const read = new X509Certificate((await createTestCertificate({ notBefore, notAfter })).der);
    expect([read.validFromDate, read.validToDate]).toEqual([notBefore, notAfter]);
  });

  it('is one to other libraries too', async () => {
    const { cert, key } = await createTestCertificate();
    const signed = await new SignJWT({ a: 1 })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(createPrivateKey(key));
    expect((await jwtVerify(signed, await importX509(cert, 'ES256'))).payload).toEqual({ a: 1 });
  });
});

describe('mutual TLS by test certificates', () => {
  it('shows the server the very certificate of the client', async () => {
    const server = await createTestCertificate({ name: 'localhost' });
    const client = await createTestCertificate();
    const seen = await thumbprintSeenBy(server, { ca: server.cert, cert: client.cert, key: client.key });
    expect(seen).toBe(client.x5tS256);
  });

  it('shows none of a client without one', async () => {
    const server = await createTestCertificate();
    expect(await thumbprintSeenBy(server, { ca: server.cert })).toBe('none');
  });

  it('is refused by a client that trusts another server', async () => {
    const server = await createTestCertificate();
    const other = await createTestCertificate();
    await expect(thumbprintSeenBy(server, { ca: other.cert })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});

/** What a server that asks for a certificate, as RFC 8705 2.2 has it, gets to see. */
async function thumbprintSeenBy({ cert, key }: TestCertificate, client: RequestOptions): Promise<string> {
  const server = createServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const raw =
        request.socket instanceof TLSSocket ? request.socket.getPeerX509Certificate()?.raw : undefined;
      response.end(raw ? createHash('sha256').update(raw).digest('base64url') : 'none');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new Promise((resolve, reject) => {
    requestOver({ host: '127.0.0.1', port, agent: false, ...client }, (response) => resolve(text(response)))
      .on('error', reject)
      .end();
  });
}
