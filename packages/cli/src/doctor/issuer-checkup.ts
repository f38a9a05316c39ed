import { createVerifier } from '@portcullis/tokens';
import type { Configuration, ConfiguredIssuer } from './configuration.ts';
import { discover } from './discovery.ts';
import { doubtful, wrong, type Finding } from './finding.ts';
import { checkKeys } from './keys.ts';
import { isLoopback } from './loopback.ts';
import { likelyProvider } from './provider-advice.ts';
import { quoted } from './quoted.ts';
import { optionsOf } from './verifier-options.ts';

/** One issuer: what is configured of it, what it says of itself, and its keys. */
export async function checkIssuer(
  issuer: ConfiguredIssuer,
  configuration: Configuration,
): Promise<readonly Finding[]> {
  const refused = refusedOption(issuer, configuration);
  const findings = [...(refused === undefined ? [] : [refused]), ...checkProvider(issuer)];
  if (!mayBeAsked(issuer.issuer)) return findings;
  const { findings: discovered, metadata } = await discover(issuer);
  findings.push(...discovered);
  const hasKeys = issuer.tokenFormat !== 'opaque' && (metadata ?? issuer.jwksUri) !== undefined;
  if (refused === undefined && hasKeys) findings.push(...(await checkKeys(issuer, configuration, metadata)));
  return findings;
}

/** The verifier's own complaint, with the variable to change. */
function refusedOption(issuer: ConfiguredIssuer, configuration: Configuration): Finding | undefined {
  const url = URL.parse(issuer.issuer);
  if (url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    return wrong(
      'issuer',
      `The issuer ${quoted(issuer.issuer)} is plain http: whoever can change the traffic could put their own keys in its place.`,
      HTTPS,
    );
  }
  try {
    createVerifier(optionsOf([issuer], configuration)).close();
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const option = /^"(\w+)/.exec(error.message)?.[1] ?? '';
    return wrong(
      option === 'issuer' ? 'issuer' : 'configuration',
      `The API would not start: ${error.message}.`,
      (error.message.includes('https') ? HTTPS : fixes[option]) ?? 'Correct the variable that stands for it.',
    );
  }
}

const HTTPS =
  'Write https:// into that variable. Plain http is taken on loopback alone, and not in production.';

const fixes: Readonly<Record<string, string>> = {
  issuer: 'Set ISSUER_URL to what the tokens of this provider have in "iss", character by character.',
  audience: 'Set AUDIENCE to the identifier that the provider knows this API by.',
  jwksUri: 'Set JWKS_URI to the https address of the key set, or leave it unset: discovery finds it.',
  tokenFormat:
    'Set TOKEN_FORMAT as it says, with INTROSPECTION_CLIENT_ID and INTROSPECTION_CLIENT_SECRET for opaque and both.',
  introspection:
    'Set INTROSPECTION_CLIENT_ID and INTROSPECTION_CLIENT_SECRET with TOKEN_FORMAT opaque or both, and leave them unset with jwt.',
  firstPartyIdTokens:
    'Correct FIRST_PARTY_ID_TOKENS, or leave it unset: an access token is the better answer.',
};

function checkProvider({ issuer, providerIsChosen }: ConfiguredIssuer): readonly Finding[] {
  const likely = likelyProvider(issuer);
  if (providerIsChosen || likely === undefined) return [];
  return [
    doubtful(
      'configuration',
      `PROVIDER is unset, and ${quoted(issuer)} looks like ${likely}: its permissions and kinds of token may not be told.`,
      `Set PROVIDER to ${likely}.`,
    ),
  ];
}

/** No question goes where its answer could not be believed. */
function mayBeAsked(issuer: string): boolean {
  const url = URL.parse(issuer);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
