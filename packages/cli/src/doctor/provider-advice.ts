import type { PresetName } from '@portcullis/tokens';

/** What to do at a provider, by what is missing. */
interface Advice {
  /** How a client asks for a token of this API, so that it is not opaque or for another. */
  readonly askForApi: string;
  /** How permissions come into the token. */
  readonly permissions: string;
}

const mapped =
  'write the permissions of this API into a claim "permissions" (an array of strings) by the provider\'s claim mapping';

const general: Advice = {
  askForApi:
    'let the client ask for this API: the parameter "resource" (RFC 8707) or a scope of the API, as the provider has it',
  permissions: mapped,
};

const advice: Readonly<Partial<Record<PresetName, Partial<Advice>>>> = {
  portcullis: {
    askForApi: 'let the client send the parameter "resource" or "audience" with the identifier of this API',
    permissions: 'give the user a role with permissions of this API, and the client leave to ask for them',
  },
  auth0: {
    askForApi: 'let the client send the parameter "audience" with the Identifier of this API',
    permissions:
      'switch on "Enable RBAC" and "Add Permissions in the Access Token" in the settings of the API, and give the user a role',
  },
  keycloak: {
    permissions:
      'add a mapper of the type User Client Role to a client scope, with the token claim name "permissions", multivalued and in the access token; roles alone are to be mapped to permissions by the application',
  },
  entra: {
    askForApi: 'let the client ask for a scope of this API, api://<client id>/<scope>',
    permissions: 'map app roles ("roles") to permissions in the application, or write a claim "permissions"',
  },
  okta: {
    askForApi: 'let the client use the custom authorization server of this API (/oauth2/<id>)',
    permissions: 'add a claim "permissions" to the access token of the custom authorization server',
  },
  cognito: {
    permissions: 'add a claim "permissions" by a pre-token-generation trigger of version 2 or later',
  },
  logto: { askForApi: 'let the client send the parameter "resource" with the API identifier' },
  zitadel: {
    askForApi:
      "set the token type of the application to JWT, and let it ask for the project's audience scope",
  },
  hydra: {
    askForApi: "switch Hydra's access token strategy to jwt, and let the client ask for this audience",
  },
};

export function adviceFor(provider: PresetName): Advice {
  return { ...general, ...advice[provider] };
}

const signs: readonly (readonly [RegExp, PresetName])[] = [
  [/^https:\/\/[^/]+\.auth0\.com(\/|$)/, 'auth0'],
  [/\/realms\/[^/]+\/?$/, 'keycloak'],
  [/^https:\/\/(login\.microsoftonline\.com|sts\.windows\.net)\//, 'entra'],
  [/^https:\/\/[^/]+\.(okta|oktapreview|okta-emea)\.com(\/|$)/, 'okta'],
  [/^https:\/\/cognito-idp\.[^/]+\.amazonaws\.com\//, 'cognito'],
  [/^https:\/\/[^/]+\.logto\.app\/oidc/, 'logto'],
  [/^https:\/\/[^/]+\.zitadel\.cloud(\/|$)/, 'zitadel'],
  [/\/application\/o\/[^/]+\/?$/, 'authentik'],
];

/** Whose identifier this looks like. */
export function likelyProvider(issuer: string): PresetName | undefined {
  return signs.find(([sign]) => sign.test(issuer))?.[1];
}
