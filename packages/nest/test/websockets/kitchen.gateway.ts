import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { Authenticated, CurrentCaller, Public, RequirePermissions, type Caller } from '@portcullis/nest';
import { interval, map } from 'rxjs';
import type { Server } from 'ws';

/** What tests speak to. */
@WebSocketGateway()
export class KitchenGateway {
  @WebSocketServer() declare readonly server: Server;
  met = 0;

  handleConnection(): void {
    this.met++;
  }

  @SubscribeMessage('menu') @Public() menu() {
    return { event: 'menu', data: ['soup'] };
  }
  @SubscribeMessage('mine') @Authenticated() mine(@CurrentCaller() caller: Caller) {
    return { event: 'mine', data: caller.subject };
  }
  @SubscribeMessage('cook') @RequirePermissions('cook:items') cook(@MessageBody() dish: string) {
    return { event: 'cooked', data: dish };
  }
  @SubscribeMessage('orders') @RequirePermissions('read:orders') orders() {
    return interval(20).pipe(map((number) => ({ event: 'order', data: number })));
  }
}
