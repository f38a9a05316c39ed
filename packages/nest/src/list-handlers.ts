import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer, NestFactory } from '@nestjs/core';
import { declaredHandlers, type DeclaredHandler } from './declared-handler.ts';
import { PortcullisModule } from './portcullis.module.ts';
import { RegisteredPaths } from './registered-paths.ts';

/** The root module, or an application that was created and need not be initialised. */
export type ListedApplication = Type | DynamicModule | INestApplicationContext;

/** Nest's options under which an application is put together and nothing of it runs. */
export const previewOptions = Object.freeze({ preview: true, logger: false, abortOnError: false } as const);

/**
 * Every handler of an application that is not to run: a module is only previewed, so that nothing of it is
 * instantiated, connects or listens. A global prefix and versioning are known of an application alone.
 *
 * @throws TypeError when the application does not import PortcullisModule, so that no rule would hold
 * @throws TypeError when the decorators of a handler contradict each other
 */
export async function listHandlers(application: ListedApplication): Promise<readonly DeclaredHandler[]> {
  const context = isApplication(application)
    ? application
    : await NestFactory.createApplicationContext(application, previewOptions);
  const modules = context.get(ModulesContainer, { strict: false });
  if (![...modules.values()].some(({ metatype }) => metatype === PortcullisModule)) {
    throw new TypeError(
      'this application imports PortcullisModule nowhere, so that no rule would hold: add PortcullisModule.forRoot({ issuer, audience }) to its imports',
    );
  }
  const config = context.get(ApplicationConfig, { strict: false });
  const adapter = context.get(HttpAdapterHost, { strict: false });
  return declaredHandlers(modules, new RegisteredPaths(config, modules, adapter));
}

function isApplication(application: ListedApplication): application is INestApplicationContext {
  return typeof application === 'object' && 'get' in application && typeof application.get === 'function';
}
