import { Inject, Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { AccessRule } from '@portcullis/http';
import { accessRuleOf } from './access-metadata.ts';
import { RegisteredPaths } from './registered-paths.ts';

/** One handler of the application and who may call it. */
export interface AuditedRoute {
  readonly controller: string;
  readonly handler: string;
  readonly method: string;
  /** As they are registered with the router, in its own notation; one route each. */
  readonly paths: readonly string[];
  readonly rule: AccessRule;
}

/** Walks every handler at start, and stops the application while one of them has no rule. */
@Injectable()
export class RouteAudit implements OnModuleInit {
  private readonly discovery: DiscoveryService;
  private readonly scanner = new MetadataScanner();
  private audited: readonly AuditedRoute[] = [];

  private readonly paths: RegisteredPaths;

  constructor(discovery: DiscoveryService, @Inject(RegisteredPaths) paths: RegisteredPaths) {
    this.discovery = discovery;
    this.paths = paths;
  }

  /** Every route of every controller, in the order of registration. */
  get routes(): readonly AuditedRoute[] {
    return this.audited;
  }

  /** @throws TypeError naming each handler without a rule, and what to write */
  onModuleInit(): void {
    const controllers = this.discovery
      .getControllers()
      .flatMap(({ metatype, host }) =>
        typeof metatype === 'function' ? [{ controller: metatype, module: host?.metatype }] : [],
      );
    const handlers = controllers.flatMap(({ controller, module }) => this.handlersOf(controller, module));
    const open = handlers.filter(({ rule }) => rule === undefined);
    if (open.length > 0) throw new TypeError(describe(open));
    this.audited = handlers.flatMap(({ rule, ...route }) => (rule ? [{ ...route, rule }] : []));
  }

  private handlersOf(controller: Function, module: Function | undefined): readonly Handler[] {
    const prototype: object = controller.prototype;
    return this.scanner.getAllMethodNames(prototype).flatMap((handler) => {
      const callback: unknown = Reflect.get(prototype, handler);
      if (typeof callback !== 'function') return [];
      const verb: RequestMethod | undefined = Reflect.getMetadata(METHOD_METADATA, callback);
      if (verb === undefined) return [];
      const method = RequestMethod[verb] ?? String(verb);
      const paths = this.paths.of(controller, module, callback, verb);
      return [
        { controller: controller.name, handler, method, paths, rule: accessRuleOf(controller, handler) },
      ];
    });
  }
}

type Handler = Omit<AuditedRoute, 'rule'> & { readonly rule: AccessRule | undefined };

function describe(open: readonly Handler[]): string {
  return [
    'These handlers say nothing about who may call them:',
    ...open.map(({ controller, handler, method }) => `  ${controller}.${handler} (${method})`),
    'Put @Public(), @Authenticated() or @RequirePermissions(…) on each, or on its class.',
  ].join('\n');
}
