// As a compiler would leave it: decorators are plain calls. Nothing here may ever be instantiated.
import { Controller, Get, Injectable, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { wrapped as wrap } from './wrapped.js';
import { PortcullisModule, Public, RequirePermissions, UseVerifier } from '@portcullis/nest';

function handler(type, name, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
  for (const decorate of decorators) decorate(type.prototype, name, descriptor);
  Object.defineProperty(type.prototype, name, descriptor);
}

class Orders {
  constructor() {
    throw new Error('a preview connects to nothing');
  }
}
Injectable()(Orders);

class KitchenController {
  menu() {}

  order() {}
}
handler(KitchenController, 'menu', Get('menu'), Public());
handler(KitchenController, 'order', Post('orders'), RequirePermissions('create:orders'));
Controller('kitchen')(KitchenController);

class CellarController {
  wines() {}
}
handler(CellarController, 'wines', Get());
Controller('cellar')(CellarController);

const protection = PortcullisModule.forRoot({
  issuer: 'https://issuer.example/',
  audience: 'https://api.example',
});

export class KitchenModule {}
Module({ imports: [protection], controllers: [KitchenController], providers: [Orders] })(KitchenModule);

export class OpenModule {}
Module({ imports: [protection], controllers: [KitchenController, CellarController] })(OpenModule);

export class UnprotectedModule {}
Module({ controllers: [KitchenController] })(UnprotectedModule);

class DeliveryController {
  deliver() {}
}
handler(
  DeliveryController,
  'deliver',
  Post(),
  RequirePermissions('create:deliveries'),
  UseVerifier('partner'),
);
Controller('deliveries')(DeliveryController);

export class PartnerModule {}
Module({ imports: [protection], controllers: [DeliveryController] })(PartnerModule);

export const dynamic = () => ({ module: class Dynamic {}, imports: [KitchenModule] });

/** As `main.ts` would, but for the options. */
export async function createApp(options) {
  const app = await NestFactory.create(KitchenModule, new FastifyAdapter(), options);
  app.setGlobalPrefix('api');
  return app;
}

class WrappedController {
  dish() {}
}
handler(WrappedController, 'dish', Get('dish'), Public(), wrap);
Controller('wrapped')(WrappedController);

class WrappedModule {}
Module({ imports: [protection], controllers: [WrappedController] })(WrappedModule);

export const wrapped = () => WrappedModule;

export const number = 5;
