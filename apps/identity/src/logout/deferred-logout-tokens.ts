import type { Client, Provider } from 'oidc-provider';
import type { Database } from '../database/database.ts';
import type { SendLogoutToken } from './logout-delivery.ts';
import { addLogoutNotices } from './logout-notices.ts';

/** oidc-provider's way to tell one client that a session is over; its types leave it out. */
interface LogoutListener {
  backchannelLogout: (this: Client, subject: string, sid: string) => Promise<unknown>;
}

/**
 * Has oidc-provider write down whom it would tell of a logout, where it tells each client once while the
 * person waits. Returns what tells a client in earnest.
 */
export function deferLogoutTokens(provider: Provider, db: Database): SendLogoutToken {
  const listener = provider.Client.prototype as Client & LogoutListener;
  const send = listener.backchannelLogout;
  listener.backchannelLogout = function (subject, sid) {
    return addLogoutNotices(db, [{ clientId: this.clientId, sid, subject }]);
  };
  return (client, { subject, sid }) => send.call(client, subject, sid);
}
