import 'reflect-metadata';
import type { RequestMethod } from '@nestjs/common';
import { MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

/** Under which paths Nest registers a handler with the router, by Nest's own reckoning. */
export class RegisteredPaths {
  private readonly config: ApplicationConfig;
  private readonly modules: ModulesContainer;
  private readonly host: HttpAdapterHost;
  private readonly globalPrefix: string | undefined;

  /** @param globalPrefix instead of the application's own */
  constructor(
    config: ApplicationConfig,
    modules: ModulesContainer,
    host: HttpAdapterHost,
    globalPrefix?: string,
  ) {
    this.config = config;
    this.modules = modules;
    this.host = host;
    this.globalPrefix = globalPrefix;
  }

  /**
   * With the global prefix or its exception, a version in the path, and the paths of module, controller and method.
   *
   * @param module the class of the module that has the controller
   */
  of(
    controller: Function,
    module: Function | undefined,
    handler: Function,
    method: RequestMethod,
  ): readonly string[] {
    const versioning = this.config.getVersioning();
    const factory = new RoutePathFactory(this.config);
    const paths = pathsOf(controller).flatMap((ctrlPath) =>
      pathsOf(handler).flatMap((methodPath) =>
        factory.create(
          {
            ctrlPath,
            methodPath,
            modulePath: module ? this.modulePath(module) : '',
            globalPrefix: withLeadingSlash(this.globalPrefix ?? this.config.getGlobalPrefix()),
            methodVersion: Reflect.getMetadata(VERSION_METADATA, handler),
            ...(versioning && {
              versioningOptions: versioning,
              controllerVersion:
                Reflect.getMetadata(VERSION_METADATA, controller) ?? versioning.defaultVersion,
            }),
          },
          method,
        ),
      ),
    );
    const { httpAdapter } = this.host;
    return paths.map((path) => httpAdapter?.normalizePath?.(path) ?? path);
  }

  private modulePath(module: Function): string {
    const [path = ''] = [MODULE_PATH + this.modules.applicationId, MODULE_PATH].flatMap(
      (key): readonly string[] => Reflect.getMetadata(key, module) ?? [],
    );
    return path;
  }
}

function pathsOf(place: Function): readonly string[] {
  const paths: string | readonly string[] = Reflect.getMetadata(PATH_METADATA, place) ?? '';
  return [paths].flat().map(withLeadingSlash);
}

function withLeadingSlash(path: string): string {
  return path === '' || path.startsWith('/') ? path : `/${path}`;
}
