import {
  Controller,
  Get,
  Module,
  RequestMethod,
  Version,
  VersioningType,
  VERSION_NEUTRAL,
  type Type,
  type VersioningOptions,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Public, RouteAudit } from '@portcullis/nest';
import { createTestingApp } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { appModule } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@Public()
@Controller()
class RootController {
  @Get() root() {}
  @Get('health') health() {}
}

@Public()
@Controller(['items', '/dishes/'])
class ItemsController {
  @Get(['', 'all/:id', '/both/']) list() {}
  @Get('files/*') files() {}
}

@Public()
@Controller({ path: 'versioned', version: ['1', '2'] })
class VersionedController {
  @Get() every() {}
  @Get('new') @Version('3') newer() {}
  @Get('any') @Version(VERSION_NEUTRAL) any() {}
}

@Public()
@Controller('inner')
class InnerController {
  @Get('x') x() {}
}

@Module({ controllers: [InnerController] })
class InnerModule {}

const uri: VersioningOptions = { type: VersioningType.URI };
const settings: readonly [string, VersioningOptions | undefined, string | undefined][] = [
  ['as they are', undefined, undefined],
  ['below a global prefix with an exception', undefined, 'api'],
  ['with versions in the path', uri, undefined],
  ['with versions in the path and a prefix', { ...uri, prefix: 'version-', defaultVersion: '9' }, '/api/'],
  [
    'with versions in a header',
    { type: VersioningType.HEADER, header: 'x-version', defaultVersion: '9' },
    'api',
  ],
];

describe.each(['fastify', 'express'] as const)('the paths of the audit are what %s has', (adapter) => {
  it.each(settings)('%s', async (_name, versioning, prefix) => {
    const registered: string[] = [];
    const controllers: readonly Type[] = [RootController, ItemsController, VersionedController];
    const { app, close } = await createTestingApp(
      {
        ...appModule({ issuer, controllers }),
        imports: [
          ...(appModule({ issuer, controllers }).imports ?? []),
          InnerModule,
          RouterModule.register([{ path: 'outer', module: InnerModule }]),
        ],
      },
      {
        adapter,
        prepare: (made) => {
          if (versioning) made.enableVersioning(versioning);
          if (prefix !== undefined)
            made.setGlobalPrefix(prefix, { exclude: [{ path: 'health', method: RequestMethod.GET }] });
          const adapterOf = made.getHttpAdapter();
          const get = adapterOf.get.bind(adapterOf);
          Object.assign(adapterOf, {
            get: (path: string, handler: unknown) => {
              registered.push(path);
              return Reflect.apply(get, adapterOf, [path, handler]);
            },
          });
        },
      },
    );
    onTestFinished(close);
    const audited = app.get(RouteAudit).routes.flatMap(({ paths }) => paths);
    expect(audited.toSorted()).toEqual(registered.toSorted());
    expect(audited.length).toBeGreaterThanOrEqual(12);
  });
});
