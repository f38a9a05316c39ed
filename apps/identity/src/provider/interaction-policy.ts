import { interactionPolicy } from 'oidc-provider';

const { Check, base } = interactionPolicy;

/** The library's prompts, and a login whenever the session's user is gone or blocked. */
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
  return policy;
}
