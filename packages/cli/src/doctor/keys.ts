import { createVerifier, type IssuerUnavailable } from '@portcullis/tokens';
import type { Configuration, ConfiguredIssuer } from './configuration.ts';
import { right, wrong, type Finding } from './finding.ts';
import { isLoopback } from './loopback.ts';
import { noAnswer } from './no-answer.ts';
import { quoted } from './quoted.ts';
import { optionsOf } from './verifier-options.ts';
import { documentAt } from './well-known.ts';

/** Loads the key set as the API will. */
export async function checkKeys(
  issuer: ConfiguredIssuer,
  configuration: Configuration,
  metadata: Readonly<Record<string, unknown>> | undefined,
): Promise<readonly Finding[]> {
  const address = issuer.jwksUri ?? metadata?.['jwks_uri'];
  return [await loadedKeys(issuer, configuration), ...(await privateKeys(address))];
}

async function loadedKeys(issuer: ConfiguredIssuer, configuration: Configuration): Promise<Finding> {
  const failed = Promise.withResolvers<IssuerUnavailable>();
  let usable = 0;
  const verifier = createVerifier({
    ...optionsOf([issuer], configuration),
    observer: { keysLoaded: (_issuer, keys) => void (usable += keys), keysFailed: failed.resolve },
  });
  const failure = await Promise.race([verifier.ready(), failed.promise]);
  verifier.close();
  if (failure === undefined) {
    return usable > 0
      ? right(
          'keys',
          `The issuer publishes ${usable} ${usable === 1 ? 'key' : 'keys'} that can verify tokens.`,
        )
      : wrong(
          'keys',
          'The key set has no key that could verify a token.',
          'Let the issuer publish a public key for signatures: RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519.',
        );
  }
  const { cause } = failure;
  const isNetwork = cause instanceof TypeError && cause.message === 'fetch failed';
  const detail = isNetwork ? noAnswer(cause) : undefined;
  return wrong(
    'keys',
    detail === undefined
      ? sentence(failure.message)
      : `The keys of the issuer cannot be had: ${detail.why}${issuer.jwksUri === undefined ? '' : ` (${quoted(issuer.jwksUri)})`}.`,
    detail?.fix ??
      (issuer.jwksUri === undefined
        ? 'See to the issuer: "jwks_uri" in its metadata must lead to its key set, over https or on loopback.'
        : 'Correct JWKS_URI, or leave it unset: discovery finds the key set.'),
  );
}

/** RFC 7517 9.3: whoever has read them can sign. */
async function privateKeys(address: unknown): Promise<readonly Finding[]> {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url === null || !(url.protocol === 'https:' || isLoopback(url.hostname))) return [];
  const answer = await documentAt(url.href).catch(() => undefined);
  const keys: unknown = answer?.document?.['keys'];
  const isSecret = (key: unknown): boolean =>
    typeof key === 'object' && key !== null && ('d' in key || 'k' in key);
  if (!Array.isArray(keys) || !keys.some(isSecret)) return [];
  return [
    wrong(
      'keys',
      'The key set publishes a private or shared key: anybody can sign tokens with it.',
      'Withdraw that key at the issuer now, and let it publish the public part of a new one.',
    ),
  ];
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
