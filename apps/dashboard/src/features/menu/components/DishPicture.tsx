import { useState } from 'react';
import { useAuthentication } from '../../../shared/authentication/authentication-context.ts';

/** A dish's picture; knife and fork when there is none to be had. */
export function DishPicture({ image, alt = '' }: { readonly image: string; readonly alt?: string }) {
  const { api } = useAuthentication();
  const [failed, setFailed] = useState<string>();
  const source = URL.parse(image, `${api.baseUrl}/`)?.href;
  if (source === undefined || failed === image) {
    return (
      <svg className="picture picture-placeholder" viewBox="0 0 160 120" aria-hidden="true" focusable="false">
        <path d="M62 30v22a8 8 0 0 0 16 0V30M70 30v60M92 90V30c10 4 13 16 13 30H92" />
      </svg>
    );
  }
  return (
    <img
      className="picture"
      src={source}
      alt={alt}
      loading="lazy"
      decoding="async"
      onError={() => setFailed(image)}
    />
  );
}
