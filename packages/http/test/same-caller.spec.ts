import { createAuthenticator, type RequestHead } from '@portcullis/http';
import type { PermissionSet } from '@portcullis/permissions';
import { createTestIssuer } from '@portcullis/testing';
import { expect, it, onTestFinished } from 'vitest';

const holding = (...names: readonly string[]): PermissionSet => ({
  names: new Set(names),
  sources: new Map(),
  withheld: new Set(),
});

it('a token that comes again is the same Caller, until its permissions are others', async () => {
  const issuer = await createTestIssuer();
  let permissions = holding('read:items');
  const authenticator = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    permissions: { permissionsOf: () => permissions },
  });
  onTestFinished(async () => {
    authenticator.verifier.close();
    await issuer.stop();
  });
  const headOf = async (sub: string): Promise<RequestHead> => ({
    rawHeaders: ['Authorization', `Bearer ${await issuer.accessToken({ sub })}`],
    url: '/',
    method: 'GET',
  });
  const [ada, bob] = [await headOf('ada'), await headOf('bob')];

  const first = await authenticator.authenticate(ada);
  expect(await authenticator.authenticate(ada)).toBe(first);
  expect(await authenticator.authenticate(bob)).toMatchObject({ subject: 'bob' });
  expect(await authenticator.authenticate(ada)).toBe(first);

  permissions = holding();
  const now = await authenticator.authenticate(ada);
  expect(now).toMatchObject({ subject: 'ada', permissions: new Set() });
  expect(await authenticator.authenticate(ada)).toBe(now);
});
