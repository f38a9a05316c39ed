import {
  AudienceMismatch,
  BindingRefused,
  createVerifier,
  HeaderRefused,
  TokenExpired,
  TokenNotYetValid,
  VerificationError,
  type Authentication,
} from '@portcullis/tokens';
import type { Configuration, ConfiguredIssuer } from './configuration.ts';
import { errorFixes } from './error-fixes.ts';
import { doubtful, right, wrong, type Finding } from './finding.ts';
import { decoded, formOf, type Decoded } from './presented-token.ts';
import { adviceFor } from './provider-advice.ts';
import { quoted } from './quoted.ts';
import { optionsOf } from './verifier-options.ts';

/** What the API would make of a token, and why. Claims that may name a person are not shown. */
export async function checkToken(token: string, configuration: Configuration): Promise<readonly Finding[]> {
  const form = formOf(token);
  const [first] = configuration.issuers;
  if (first === undefined) return [];
  if (form === 'encrypted') {
    return [
      wrong(
        'token',
        'The token is encrypted (five parts): it is meant for whoever has the key, and mostly what a client gets that asked for no API.',
        `${capital(adviceFor(first.provider).askForApi)}.`,
      ),
    ];
  }
  const introspects = configuration.issuers.some(({ tokenFormat }) => tokenFormat !== 'jwt');
  if (form === 'opaque' && !introspects) {
    return [
      wrong(
        'token',
        'The token is opaque, and TOKEN_FORMAT is jwt: mostly the client asked for no audience, and got a token for the provider alone.',
        `${capital(adviceFor(first.provider).askForApi)}. If the provider issues opaque tokens on purpose, set TOKEN_FORMAT to opaque or both.`,
      ),
    ];
  }
  const claims = form === 'jwt' ? decoded(token) : undefined;
  const foreign = claims && otherIssuer(claims, configuration.issuers);
  return foreign === undefined ? verdict(token, claims, configuration) : [foreign];
}

/** `iss` against ISSUER_URL: near misses are named. */
function otherIssuer({ payload }: Decoded, issuers: readonly ConfiguredIssuer[]): Finding | undefined {
  const { iss } = payload;
  if (typeof iss !== 'string') return undefined;
  const near = issuers.find(({ issuer }) => issuer !== iss && bare(issuer) === bare(iss));
  if (near === undefined || issuers.some(({ issuer }) => issuer === iss)) return undefined;
  const differs =
    `${iss}/` === near.issuer || `${near.issuer}/` === iss ? 'the slash at the end' : 'http or https';
  return wrong(
    'issuer',
    `The token's "iss" is ${quoted(iss)}, and ISSUER_URL has ${quoted(near.issuer)}: ${differs} differs.`,
    `Set ISSUER_URL to ${quoted(iss)}, if that is what the issuer's metadata say, too.`,
  );
}

function bare(issuer: string): string {
  return issuer.replace(/^https?:/, '').replace(/\/$/, '');
}

async function verdict(
  token: string,
  claims: Decoded | undefined,
  configuration: Configuration,
): Promise<readonly Finding[]> {
  let verifier: ReturnType<typeof createVerifier>;
  try {
    verifier = createVerifier(optionsOf(configuration.issuers, configuration));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return [
      doubtful(
        'token',
        'The token was not looked at: the verifier cannot be made with this configuration.',
        'Correct the configuration first.',
      ),
    ];
  }
  try {
    return accepted(await verifier.verify({ scheme: 'bearer', token }), configuration);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return [refused(error, claims, configuration)];
  } finally {
    verifier.close();
  }
}

function refused(
  error: VerificationError,
  claims: Decoded | undefined,
  { audiences }: Configuration,
): Finding {
  if (error instanceof BindingRefused && claims?.payload['cnf'] !== undefined) {
    return doubtful(
      'token',
      'The token is good, and bound to a key (its "cnf" claim): as a plain bearer token it is refused.',
      'Let the client send it with a DPoP proof or over its certificate. Only the client can show that it has the key.',
    );
  }
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  return wrong(
    topicOf(error),
    `${capital(error.message)}${detail(error, claims, audiences)}. [${error.code}]`,
    `${errorFixes[error.code]}${hint}`,
  );
}

function topicOf(error: VerificationError): Finding['about'] {
  if (error instanceof AudienceMismatch) return 'audience';
  if (error instanceof TokenNotYetValid) return 'clock';
  if (error.code === 'ERR_ISSUER_UNAVAILABLE') return 'keys';
  return error.code === 'ERR_TOKEN_UNTRUSTED' ? 'issuer' : 'token';
}

/** What the verifier keeps to itself, since its messages are fit to be sent. */
function detail(error: VerificationError, claims: Decoded | undefined, audiences: readonly string[]): string {
  if (claims === undefined) return '';
  const { header, payload } = claims;
  if (error instanceof AudienceMismatch)
    return ` (it names ${quoted(payload['aud'])}, and AUDIENCE is ${audiences.map(quoted).join(' or ')})`;
  if (error instanceof TokenExpired) return since(payload['exp'], 'ago by the clock of this machine');
  if (error instanceof TokenNotYetValid)
    return since(payload[error.claim], 'ahead of the clock of this machine');
  if (error instanceof HeaderRefused && ['alg', 'typ'].includes(error.parameter))
    return ` (it is ${quoted(header[error.parameter])})`;
  if (error.code === 'ERR_TOKEN_UNTRUSTED') return ` (its "iss" is ${quoted(payload['iss'])})`;
  return '';
}

function since(time: unknown, words: string): string {
  if (typeof time !== 'number') return '';
  return ` (${duration(Math.abs(Date.now() / 1000 - time))} ${words})`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function accepted(authentication: Authentication, configuration: Configuration): readonly Finding[] {
  const { kind, tokenKind, client, expiresAt, issuer } = authentication;
  const what =
    tokenKind === 'id_token' ? 'an ID token of a first-party client' : 'an access token for this API';
  const left = duration(Math.max(0, expiresAt - Date.now() / 1000));
  return [
    right(
      'token',
      `The token is ${what}, of a ${kind}, from ${quoted(issuer)}${client === undefined ? '' : ` by the client ${quoted(client)}`}, and good for ${left} more.`,
    ),
    ...(tokenKind === 'id_token' ? [] : [permissionsOf(authentication, configuration)]),
  ];
}

/** Permissions count as far as the token's scope goes, unless the client is a first-party one. */
function permissionsOf(
  { claimedPermissions, claimedRoles, scopes, client, issuer }: Authentication,
  { issuers, firstPartyClients }: Configuration,
): Finding {
  const provider =
    issuers.find((one) => one.issuer === issuer)?.provider ?? issuers[0]?.provider ?? 'generic';
  if (claimedPermissions === undefined) {
    const roles = claimedRoles === undefined ? '' : ', though roles, which the application may map';
    return doubtful(
      'permissions',
      `The token says nothing about permissions${roles}: a handler that requires one answers 403.`,
      `To have permissions in the token, ${adviceFor(provider).permissions}.`,
    );
  }
  if (claimedPermissions.size === 0) {
    return doubtful(
      'permissions',
      'The token carries no permission: a handler that requires one answers 403.',
      `${capital(adviceFor(provider).permissions)}.`,
    );
  }
  const isFirstParty = client !== undefined && firstPartyClients.includes(client);
  const beyond = isFirstParty ? [] : [...claimedPermissions].filter((name) => scopes?.has(name) !== true);
  if (beyond.length > 0) {
    return doubtful(
      'permissions',
      `These permissions of the token do not count, for its scope does not hold them: ${beyond.map(quoted).join(', ')}.`,
      'Let the client ask for them as scopes. If it is a client of your own, name it in FIRST_PARTY_CLIENTS.',
    );
  }
  return right('permissions', `It carries ${[...claimedPermissions].map(quoted).join(', ')}.`);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
