import { interactionPolicy } from 'oidc-provider';
import { asksForDevice } from './device-route.ts';

const { Check, base } = interactionPolicy;

/** The library's prompts; a login whenever the session's user is gone or blocked; a consent for every device. */
export function createInteractionPolicy() {
  const policy = base();
  policy
    .get('login')
    ?.checks.add(
      new Check('no_account', 'End-User authentication is required', 'login_required', ({ oidc }) =>
        oidc.session?.accountId !== undefined && oidc.account === undefined
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
      ),
    );
  policy.get('consent')?.checks.add(
    // RFC 8628, 5.4: whoever started it may have sent the code to somebody else.
    new Check('device_prompt', 'devices require End-User interaction', 'interaction_required', ({ oidc }) =>
      asksForDevice(oidc.route) && !oidc.result?.consent ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );
  return policy;
}
