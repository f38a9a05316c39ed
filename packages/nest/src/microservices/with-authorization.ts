import type { ClientProxy } from '@nestjs/microservices';

/**
 * Sends a credential with every message and every event of a TCP client, in the packet's metadata, where
 * PortcullisMicroservicesModule looks for it. Takes the client's one dispatch hook.
 *
 * @param authorization such as `() => 'Bearer ' + token`; asked for each packet, undefined sends none. What it throws is
 *   the error of that message
 * @returns the same client
 */
export function withAuthorization<Client extends Pick<ClientProxy, 'setOnDispatchHook'>>(
  client: Client,
  authorization: () => string | undefined,
): Client {
  client.setOnDispatchHook((packet) => {
    const value = authorization();
    if (value !== undefined) packet.metadata = { ...packet.metadata, authorization: value };
  });
  return client;
}
