import { createAuthenticator, type RequestHead } from '@portcullis/http';
import type { PermissionSet, PermissionSource } from '@portcullis/permissions';
import { createTestIssuer } from '@portcullis/testing';
import { expect, it, onTestFinished } from 'vitest';

const holding = (...names: readonly string[]): PermissionSet => ({
  names: new Set(names),
  sources: new Map(),
  withheld: new Set(),
});

async function asking(permissions: PermissionSource) {
  const issuer = await createTestIssuer();
  const authenticator = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    permissions,
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
  return { authenticator, ada: await headOf('ada'), bob: await headOf('bob') };
}

it('a token that comes again is the same Caller, until its permissions are others', async () => {
  let permissions = holding('read:items');
  const { authenticator, ada, bob } = await asking({ permissionsOf: () => permissions });

  const first = await authenticator.authenticate(ada);
  expect(await authenticator.authenticate(ada)).toBe(first);
  expect(await authenticator.authenticate(bob)).toMatchObject({ subject: 'bob' });
  expect(await authenticator.authenticate(ada)).toBe(first);

  permissions = holding();
  const now = await authenticator.authenticate(ada);
  expect(now).toMatchObject({ subject: 'ada', permissions: new Set() });
  expect(await authenticator.authenticate(ada)).toBe(now);
});

it('permissions that do not change are asked for once of each token', async () => {
  const asked: string[] = [];
  const { authenticator, ada, bob } = await asking({
    unchanging: true,
    permissionsOf({ subject }) {
      asked.push(subject);
      return holding(`read:${subject}`);
    },
  });

  for (const head of [ada, bob, ada, bob]) await authenticator.authenticate(head);
  expect(asked).toEqual(['ada', 'bob']);
  expect(await authenticator.authenticate(bob)).toMatchObject({ permissions: new Set(['read:bob']) });
});
