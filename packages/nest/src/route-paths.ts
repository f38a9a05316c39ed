import { RequestMethod, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_PATH, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

type Version = string | typeof VERSION_NEUTRAL | (string | typeof VERSION_NEUTRAL)[];

/** Under which addresses Nest registers a handler: its own factory makes them, so that they cannot differ. */
export class RoutePaths {
  private readonly config: ApplicationConfig;
  private readonly applicationId: string;
  private readonly factory: RoutePathFactory;

  /** @param applicationId under which the RouterModule keeps its paths */
  constructor(config: ApplicationConfig, applicationId: string) {
    this.config = config;
    this.applicationId = applicationId;
    this.factory = new RoutePathFactory(config);
  }

  of(type: Type, method: Function, module: Type): readonly string[] {
    const verb: RequestMethod = Reflect.getMetadata(METHOD_METADATA, method);
    const prefix = this.config.getGlobalPrefix();
    const versioning = this.config.getVersioning();
    const controllerVersion: Version | undefined =
      versioning && (Reflect.getMetadata(VERSION_METADATA, type) ?? versioning.defaultVersion);
    const methodVersion: Version | undefined = Reflect.getMetadata(VERSION_METADATA, method);
    const modulePath: string | undefined =
      Reflect.getMetadata(MODULE_PATH + this.applicationId, module) ??
      Reflect.getMetadata(MODULE_PATH, module);
    return pathsIn(type).flatMap((ctrlPath) =>
      pathsIn(method).flatMap((methodPath) =>
        this.factory.create(
          {
            ctrlPath,
            methodPath,
            globalPrefix: prefix === '' ? '' : slashed(prefix),
            ...(modulePath === undefined ? {} : { modulePath }),
            ...(controllerVersion === undefined ? {} : { controllerVersion }),
            ...(methodVersion === undefined ? {} : { methodVersion }),
            ...(versioning === undefined ? {} : { versioningOptions: versioning }),
          },
          verb,
        ),
      ),
    );
  }
}

function pathsIn(place: Function): readonly string[] {
  const paths: unknown = Reflect.getMetadata(PATH_METADATA, place);
  return [paths].flat().flatMap((path) => (typeof path === 'string' ? [slashed(path)] : []));
}

function slashed(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
