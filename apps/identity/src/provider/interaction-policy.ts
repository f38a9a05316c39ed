import { interactionPolicy } from 'oidc-provider';
import { asked, confirmsEveryTime } from './confirmation.ts';

const { Check, base } = interactionPolicy;

/**
 * The library's prompts; a login whenever the session's user is gone or blocked; a consent for whatever
 * anybody can have started.
 */
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
  policy
    .get('consent')
    ?.checks.add(
      new Check('anybody', 'End-User interaction is required', 'interaction_required', ({ oidc }) =>
        confirmsEveryTime(asked(oidc)) && !oidc.result?.consent
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
}
