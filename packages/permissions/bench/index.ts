import {
  changeFeed,
  intersect,
  live,
  tokenPermissions,
  type PermissionSource,
} from '@portcullis/permissions';
import { createInProcessIssuer } from '@portcullis/testing';
import { createVerifier, type Authentication } from '@portcullis/tokens';
import { compare, OURS, printMachine, spent, type Contender } from '../../../scripts/measure.ts';
import { followedProvider } from './followed-provider.ts';

const TOKENS = 1000;
const CALLS = 100_000;
const NAMES = ['create:items', 'read:items', 'update:items', 'delete:items'];
const TOKEN = 'the token’s claim alone';

printMachine({});

const provider = await followedProvider(NAMES);
const { issuer, audience, jwks, accessToken } = await createInProcessIssuer();
const verifier = createVerifier({ issuer, audience, jwks });
const feed = changeFeed({
  issuer,
  audience,
  managementApi: provider.managementApi,
  clientId: 'bench',
  clientSecret: 'bench',
});
await feed.ready();

/** Real tokens of as many users, as the verifier hands them on, whenever each comes again. */
function verified(claims: Readonly<Record<string, unknown>>): Promise<readonly Authentication[]> {
  return Promise.all(
    Array.from({ length: TOKENS }, async (_, number) => {
      const token = await accessToken({ sub: `user|${number}`, permissions: NAMES, ...claims });
      return verifier.verify({ scheme: 'bearer', token });
    }),
  );
}

async function contender(
  name: string,
  source: PermissionSource,
  tokens: readonly Authentication[],
): Promise<Contender> {
  for (const token of tokens) await source.permissionsOf(token);
  return {
    name,
    run: async () => {
      let waited = 0;
      const { main } = await spent(async () => {
        for (let call = 0; call < CALLS; call++) {
          const token = tokens[(call * 7919) % tokens.length];
          if (token && source.permissionsOf(token) instanceof Promise) waited++;
        }
      });
      if (waited > 0) throw new Error(`${name} had to wait ${waited} times`);
      return { 'main CPU': (main / CALLS) * 1000 };
    },
  };
}

const untouched = await verified({ chg: provider.position });
const looked = await verified({});

await compare({
  title: `What a caller may do, one of ${TOKENS} that were seen before`,
  unit: 'ns',
  contenders: [
    await contender(TOKEN, tokenPermissions(), untouched),
    await contender(OURS, intersect({ feed }), untouched),
    await contender('intersect, after a look', intersect({ feed }), looked),
    await contender('live, remembered', live({ feed }), looked),
  ],
  columns: [{ metric: 'main CPU', against: TOKEN }],
});
console.log('Nothing was asked and nothing was waited for in any of these calls.');

feed.close();
verifier.close();
provider.stop();
