import 'reflect-metadata';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  Authenticated,
  CurrentCaller,
  PortcullisModule,
  Public,
  RequirePermissions,
  type Caller,
} from '@portcullis/nest';
import { PortcullisPassportGuard } from '@portcullis/nest/passport';

const { ISSUER_URL = 'http://localhost:4000/', AUDIENCE = 'https://menu-api.example.com' } = process.env;

@Controller('items')
class ItemsController {
  @Get() @Public() list() {
    return ['Burger', 'Pizza', 'Tea'];
  }
  @Get('mine') @Authenticated() mine(@CurrentCaller() caller: Caller) {
    return { owner: caller.subject };
  }
  @Post() @RequirePermissions('create:items') create() {
    return { created: true };
  }
}

@Module({
  imports: [
    PortcullisModule.forRoot({ issuer: ISSUER_URL, audience: AUDIENCE, door: PortcullisPassportGuard }),
  ],
  controllers: [ItemsController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter());
await app.listen(process.env['PORT'] ?? 7001, '127.0.0.1');
