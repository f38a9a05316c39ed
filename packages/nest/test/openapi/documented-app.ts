import {
  Controller,
  Get,
  Post,
  Put,
  Delete,
  All,
  Version,
  VersioningType,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import {
  ApiOperation,
  ApiResponse,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import {
  Authenticated,
  OptionalAuthentication,
  Public,
  RecentLogin,
  RequireAnyPermission,
  RequirePermissions,
  type PortcullisOptions,
} from '@portcullis/nest';
import { withAccess } from '@portcullis/nest/openapi';
import { createTestingApp } from '@portcullis/nest/testing';
import type { TestIssuer } from '@portcullis/testing';
import { onTestFinished } from 'vitest';
import { appModule } from '../app.ts';

/** Every kind of rule, at addresses of every kind. */
@Controller('items')
export class ItemsController {
  @Get() @Public() list() {
    return {};
  }
  @Get('mine') @Authenticated() mine() {
    return {};
  }
  @Get('who') @Authenticated({ kind: ['user', 'machine'] }) who() {
    return {};
  }
  @Get('greeting') @OptionalAuthentication() greeting() {
    return {};
  }
  @Get('report') @Authenticated({ kind: 'machine' }) report() {
    return {};
  }
  @Post() @RequirePermissions('create:items', 'publish:items') create() {
    return {};
  }
  @Put(':id')
  @RequireAnyPermission('update:items', 'manage:items')
  @ApiOperation({ operationId: 'chosenByHand', description: 'Replaces an item.' })
  replace() {
    return {};
  }
  @Delete(':id')
  @RequirePermissions('delete:items')
  @RecentLogin(600)
  @ApiResponse({ status: 200 })
  @ApiResponse({ status: 403, description: 'The item is frozen' })
  remove() {
    return {};
  }
  @Delete() @RecentLogin(600) removeAll() {
    return {};
  }
  @Get(['old', 'older']) @RequirePermissions('read:archive') old() {
    return {};
  }
  @Version('2') @Get('versioned/:id') @RequirePermissions('read:v2') versioned() {
    return {};
  }
}

/** One handler, and under each subclass another rule. */
class Ping {
  @All('ping') ping() {
    return {};
  }
}

@Controller('a')
@Public()
export class PublicPing extends Ping {}

@Controller('b')
@RequirePermissions('read:b')
export class GuardedPing extends Ping {}

export interface DocumentedApp {
  readonly url: string;
  readonly document: OpenAPIObject;
}

export interface DocumentedParts {
  readonly controllers?: readonly Type[];
  readonly options?: Partial<PortcullisOptions>;
  readonly adapter?: 'fastify' | 'express';
}

export async function documentedApp(
  issuer: TestIssuer,
  {
    controllers = [ItemsController, PublicPing, GuardedPing],
    options = {},
    adapter = 'fastify',
  }: DocumentedParts = {},
): Promise<DocumentedApp> {
  const { app, url, close } = await createTestingApp(appModule({ issuer, controllers, options }), {
    adapter,
    prepare: (preparing: INestApplication) => {
      preparing.setGlobalPrefix('api');
      preparing.enableVersioning({ type: VersioningType.URI });
    },
  });
  onTestFinished(close);
  const builder = new DocumentBuilder().setTitle('Documented').build();
  return { url, document: withAccess(SwaggerModule.createDocument(app, builder), app) };
}
