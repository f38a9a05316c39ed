import { Module } from '@nestjs/common';
import { RpcDoor } from './rpc.door.ts';

/**
 * Guards the handlers of microservices over TCP: deny by default, as everywhere. Import it beside PortcullisModule, in
 * an application of `createMicroservice` as in a hybrid one, with or without `inheritAppConfig`.
 */
@Module({ providers: [RpcDoor] })
export class PortcullisMicroservicesModule {}
