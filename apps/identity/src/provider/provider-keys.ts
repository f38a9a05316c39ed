import instance from 'oidc-provider/lib/helpers/weak_cache.js';
import type { Provider } from 'oidc-provider';
import type { KeyRing } from '../keys/key-ring.ts';

/**
 * Has the provider sign and publish with what the ring holds, now and whenever that changes. oidc-provider takes keys
 * at its construction alone; what it made of them is exchanged here, in one step that no request sees by half.
 *
 * @throws TypeError when this version of oidc-provider keeps its keys elsewhere: `provider-keys.spec.ts` tells
 */
export function followKeyRing(provider: Provider, ring: KeyRing): () => void {
  const { keystore, jwks } = instance(provider);
  if (
    typeof keystore?.clear !== 'function' ||
    typeof keystore.add !== 'function' ||
    !Array.isArray(jwks?.keys)
  )
    throw new TypeError('this version of oidc-provider keeps its keys elsewhere');
  return ring.onChange(() => {
    keystore.clear();
    for (const key of ring.published) keystore.add({ ...key });
    jwks.keys = ring.publicKeys.keys;
  });
}
