import type { Algorithm } from './algorithm.ts';
import type { CompactJws } from './compact-jws.ts';
import { SignatureInvalid } from './errors.ts';
import type { IssuerKeys } from './keys/issuer-keys.ts';
import type { VerificationKey } from './keys/verification-key.ts';
import { alg } from './rules/alg.rule.ts';
import { kid } from './rules/kid.rule.ts';
import { verifySignature } from './signature.ts';

/**
 * Finds the key under which the signature verifies.
 *
 * @param conclude what follows from it
 */
export function whoSigned<Result>(
  jws: CompactJws,
  keys: IssuerKeys,
  conclude: (key: VerificationKey) => Result | Promise<Result>,
): Promise<Result> {
  const algorithm = alg(jws.header);
  const name = kid(jws.header);
  const fitting = keys.keysFor(algorithm, name);
  const only =
    fitting instanceof Promise || fitting.length > 1 || name === undefined ? undefined : fitting[0];
  if (only === undefined) {
    return oneThatSigned(jws, algorithm, fitting, name === undefined ? keys : undefined).then(conclude);
  }
  return verifySignature(algorithm, only.key, jws, (good) => {
    if (!good) throw new SignatureInvalid();
    return conclude(only);
  });
}

/** @param renewable asked for newer keys when none has signed: the issuer may have rotated without naming its keys */
async function oneThatSigned(
  jws: CompactJws,
  algorithm: Algorithm,
  fitting: readonly VerificationKey[] | Promise<readonly VerificationKey[]>,
  renewable: IssuerKeys | undefined,
): Promise<VerificationKey> {
  const tried = await fitting;
  const signer =
    (await firstThatVerifies(jws, algorithm, tried)) ??
    (renewable && (await firstThatVerifies(jws, algorithm, await renewable.newerKeysFor(algorithm, tried))));
  if (signer === undefined) throw new SignatureInvalid();
  return signer;
}

async function firstThatVerifies(
  jws: CompactJws,
  algorithm: Algorithm,
  keys: readonly VerificationKey[],
): Promise<VerificationKey | undefined> {
  for (const candidate of keys) {
    if (await verifySignature(algorithm, candidate.key, jws, (good) => good)) return candidate;
  }
  return undefined;
}
