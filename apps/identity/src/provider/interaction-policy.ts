import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { consentsAutomatically } from '../clients/client-traits.ts';
import type { ConsentStore } from '../people/consent-store.ts';
import { words } from './access-token-claims.ts';
import { asked, confirmsEveryTime } from './confirmation.ts';

const { Check, base } = interactionPolicy;

/** The class of a login with a password, which is the only kind there is. */
export const PASSWORD_ACR = 'urn:portcullis:acr:password';

/** The library's prompts, and a few of ours. */
export function createInteractionPolicy(consents: ConsentStore) {
  const policy = base();
  const login = policy.get('login');
  login?.checks.add(
    new Check('no_account', 'End-User authentication is required', 'login_required', ({ oidc }) =>
      // The session's user is gone or blocked.
      oidc.session?.accountId !== undefined && oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
  login?.checks.add(
    new Check('acr_values', 'the requested ACR could not be obtained', ({ oidc }) => {
      const wanted = typeof oidc.params?.['acr_values'] === 'string' ? words(oidc.params['acr_values']) : [];
      if (wanted.length === 0 || wanted.includes(PASSWORD_ACR)) return Check.NO_NEED_TO_PROMPT;
      // RFC 9470, 5: what was asked for is required, and no login here can give it. Saying so ends the round trip.
      throw new errors.UnmetAuthenticationRequirements('none of the requested acr_values can be met');
    }),
  );
  const consent = policy.get('consent');
  consent?.checks.add(
    new Check('anybody', 'End-User interaction is required', 'interaction_required', ({ oidc }) =>
      // Whatever anybody can have started.
      confirmsEveryTime(asked(oidc)) && !oidc.result?.consent
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
  consent?.checks.add(
    new Check(
      'rs_missing',
      'requested resource not granted',
      'consent_required',
      async (ctx) =>
        (await missingResources(ctx, consents)).length > 0 ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      async (ctx) => ({ missingResources: await missingResources(ctx, consents) }),
    ),
  );
  return policy;
}

/**
 * APIs that nobody let a third-party client use yet, be it without a single scope. A grant does not
 * remember those without a scope; what was consented to does. Native clients are asked every time.
 */
async function missingResources({ oidc }: KoaContextWithOIDC, consents: ConsentStore): Promise<string[]> {
  const { client, account, grant, result, resourceServers = {} } = oidc;
  if (!client || !account || consentsAutomatically(client) || client.applicationType === 'native') return [];
  if (confirmsEveryTime(asked(oidc))) return [];
  const missing = Object.entries(resourceServers).filter(
    ([resource]) => !Object.hasOwn(grant?.resources ?? {}, resource),
  );
  if (missing.length === 0 || result?.consent) return [];
  const consented = await consents.find(account.accountId, client.clientId);
  return missing.flatMap(([resource, { audience = resource }]) =>
    Object.hasOwn(consented?.apiScopes ?? {}, audience) ? [] : [resource],
  );
}
