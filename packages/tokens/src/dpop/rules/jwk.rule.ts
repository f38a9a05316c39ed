import type { Header } from '../../compact-jws.ts';
import { DpopProofInvalid } from '../../errors.ts';
import { isRecord } from '../../is-record.ts';
import type { ProofKey } from '../proof-key.ts';

/** Members that only a private key or a shared secret has (RFC 7518 6.2.2, 6.3.2, 6.4.1). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** RFC 9449 4.3: a public key. Other members, such as `kid` and `use`, decide nothing. */
export function jwk(header: Header): ProofKey {
  const given = header['jwk'];
  if (!isRecord(given)) throw new DpopProofInvalid('must have a "jwk" header that is an object');
  const members = new Map<string, unknown>(Object.entries(given));
  if (secretMembers.some((member) => members.has(member)))
    throw new DpopProofInvalid('has a private key or a secret in its "jwk" header: replace that key');

  const member = (name: string): string => {
    const value = members.get(name);
    if (isCanonical(value)) return value;
    throw new DpopProofInvalid(`has a "jwk" header whose "${name}" is not canonical base64url`);
  };
  const kty = members.get('kty');
  switch (kty) {
    case 'EC':
      return { kty, crv: crv(members), x: member('x'), y: member('y') };
    case 'OKP':
      return { kty, crv: crv(members), x: member('x') };
    case 'RSA':
      return { kty, n: member('n'), e: member('e') };
    default:
      throw new DpopProofInvalid('has a "jwk" header whose "kty" is none of EC, OKP and RSA');
  }
}

function crv(members: ReadonlyMap<string, unknown>): string {
  const curve = members.get('crv');
  if (typeof curve !== 'string') throw new DpopProofInvalid('has a "jwk" header without a "crv"');
  return curve;
}

/** One key, one spelling, and so one thumbprint. */
function isCanonical(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false;
  return Buffer.from(value, 'base64url').toString('base64url') === value;
}
