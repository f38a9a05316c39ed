import { useAuthenticationState } from '../../../shared/authentication/authentication-context.ts';
import { permits } from '../../../shared/authentication/authentication-state.ts';
import { Icon } from '../../../shared/components/Icon.tsx';

/** Tells somebody signed in why an action is not offered. Silent for everyone else. */
export function MissingPermission({
  needs,
}: {
  readonly needs: readonly { readonly permission: string; readonly action: string }[];
}) {
  const state = useAuthenticationState();
  if (state.status !== 'signed-in' || !state.caller) return null;
  const missing = needs.filter(({ permission }) => !permits(state, permission));
  if (missing.length === 0) return null;
  return (
    <p className="hint" role="note">
      <Icon name="lock" />
      <span>
        You can look, but not {missing.map(({ action }) => action).join(' or ')}: your account has no{' '}
        {missing.map(({ permission }, index) => (
          <span key={permission}>
            {index > 0 && ' and no '}
            <code>{permission}</code>
          </span>
        ))}{' '}
        permission.
      </span>
    </p>
  );
}
