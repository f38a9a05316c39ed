import { useState } from 'react';
import type { User } from '../../../shared/authentication/authentication-state.ts';

export function Avatar({ user }: { readonly user: User }) {
  const [failed, setFailed] = useState(false);
  if (user.picture !== undefined && !failed) {
    return <img className="avatar" src={user.picture} alt="" onError={() => setFailed(true)} />;
  }
  const initials = user.name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('');
  return (
    <span className="avatar" aria-hidden="true">
      {initials.toLocaleUpperCase()}
    </span>
  );
}
