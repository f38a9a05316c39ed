import { RequestMethod, type INestApplication } from '@nestjs/common';
import { METHOD_METADATA, MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { Gate, type GuardedHandler } from '../gate.ts';

type Controllers = ReturnType<DiscoveryService['getControllers']>;

/** The handlers of an application by the operations that a document has for them. */
export class DocumentedHandlers {
  private readonly handlers = new Map<string, GuardedHandler>();
  private readonly gate: Gate;
  private readonly config: ApplicationConfig;
  private readonly applicationId: string;
  private readonly paths: RoutePathFactory;
  private readonly scanner = new MetadataScanner();

  constructor(app: INestApplication) {
    this.gate = app.get(Gate);
    this.config = configOf(app);
    this.applicationId = app.get(ModulesContainer).applicationId;
    this.paths = new RoutePathFactory(this.config);
    const controllers = app.get(DiscoveryService).getControllers();
    // A document may be made without the global prefix; an address with it is the surer one.
    this.add(controllers, '');
    this.add(controllers, this.config.getGlobalPrefix().replace(/\/$/, ''));
  }

  /** @param path as the document spells it, such as `/items/{id}` */
  find(method: string, path: string): GuardedHandler | undefined {
    const nameless = path.replaceAll(/\{[^}]*\}/g, PARAMETER);
    return this.handlers.get(`${method.toUpperCase()} ${nameless}`) ?? this.handlers.get(`ALL ${nameless}`);
  }

  private add(controllers: Controllers, globalPrefix: string): void {
    for (const { metatype, host } of controllers) {
      if (typeof metatype !== 'function') continue;
      const modulePath: unknown = host?.metatype && this.modulePathOf(host.metatype);
      const prototype: object = metatype.prototype;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler: unknown = Reflect.get(prototype, name);
        if (typeof handler !== 'function') continue;
        const verb: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
        if (typeof verb !== 'number') continue;
        for (const path of this.pathsOf(metatype, handler, verb, { globalPrefix, modulePath }))
          this.handlers.set(
            `${RequestMethod[verb] ?? ''} ${namelessOf(path)}`,
            this.gate.handlerOf(metatype, handler),
          );
      }
    }
  }

  private modulePathOf(module: Function): unknown {
    return (
      Reflect.getMetadata(MODULE_PATH + this.applicationId, module) ??
      Reflect.getMetadata(MODULE_PATH, module)
    );
  }

  private pathsOf(
    controller: Function,
    handler: Function,
    verb: RequestMethod,
    { globalPrefix, modulePath }: { readonly globalPrefix: string; readonly modulePath: unknown },
  ): readonly string[] {
    const versioning = this.config.getVersioning();
    return this.paths.create(
      {
        globalPrefix,
        ...(typeof modulePath === 'string' ? { modulePath } : {}),
        ctrlPath: Reflect.getMetadata(PATH_METADATA, controller),
        methodPath: Reflect.getMetadata(PATH_METADATA, handler),
        controllerVersion: Reflect.getMetadata(VERSION_METADATA, controller) ?? versioning?.defaultVersion,
        methodVersion: Reflect.getMetadata(VERSION_METADATA, handler),
        ...(versioning ? { versioningOptions: versioning } : {}),
      },
      verb,
    );
  }
}

const PARAMETER = '{}';

/** One spelling for an address as the router has it and as a document has it: the names of parameters do not matter. */
function namelessOf(path: string): string {
  const spelled = path
    .replaceAll(/[{}]/g, '')
    .replaceAll(/[:*]\w*(\([^)]*\))?\??/g, PARAMETER)
    .replace(/\/+$/, '');
  return spelled === '' ? '/' : spelled;
}

/** Nest keeps its settings of the application to itself; @nestjs/swagger reads them in this way, too. */
function configOf(app: INestApplication): ApplicationConfig {
  const config: unknown = Reflect.get(app, 'config');
  if (config instanceof ApplicationConfig) return config;
  throw new TypeError(
    'withAccess takes what NestFactory.create() made, as SwaggerModule.createDocument does',
  );
}
