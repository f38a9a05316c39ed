import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import {
  Inject,
  Injectable,
  VersioningType,
  type ExecutionContext,
  type HttpServer,
  type VersioningOptions,
} from '@nestjs/common';
import { HOST_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { Refusal, setCaller, type Outcome } from '@portcullis/http';
import { ContextDoors } from './context-door.ts';
import { Gate, type GuardedHandler } from './gate.ts';
import { PortcullisGuard } from './portcullis.guard.ts';
import { rawRequest } from './raw-request.ts';
import { RegisteredHandlers, type RegisteredHandler } from './registered-handlers.ts';
import { requestIdOf } from './request-id.ts';
import { RefusedException } from './refused.exception.ts';

const GUARDED = Symbol('portcullis:guarded');
const ADMITTED = Symbol('portcullis:admitted');

/** As `@nestjs/platform-fastify` names what goes into a route's `config`. */
const FASTIFY_ROUTE_CONFIG = '__fastify_route_config__';

interface Visited {
  [ADMITTED]?: GuardedHandler;
}

type OnRequest = (
  request: { readonly raw: IncomingMessage },
  reply: unknown,
  done: (error?: unknown) => void,
) => void;

interface FastifyInstance {
  addHook(
    name: 'onRoute',
    hook: (route: {
      readonly config?: { readonly [GUARDED]?: GuardedHandler };
      onRequest?: OnRequest | OnRequest[];
    }) => void,
  ): void;
}

type ExpressHandler = (request: IncomingMessage, response: unknown, next: (error?: unknown) => void) => void;

/**
 * The middleware door: in front of each handler, on the very route that the router has for it, so that the router's own
 * matching is all the matching there is. On Fastify the decision stands before the body, as an `onRequest` hook.
 *
 * Contexts other than HTTP have no middleware and keep their guard; over HTTP that guard only makes sure that the
 * middleware has admitted this request to this handler.
 */
@Injectable()
export class MiddlewareDoor extends PortcullisGuard {
  private readonly modules: ModulesContainer;
  private readonly host: HttpAdapterHost;
  private readonly config: ApplicationConfig;
  private readonly hooks = new WeakSet<OnRequest>();

  constructor(
    @Inject(Gate) gate: Gate,
    @Inject(ContextDoors) doors: ContextDoors,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) config: ApplicationConfig,
  ) {
    super(gate, doors);
    this.modules = modules;
    this.host = host;
    this.config = config;
  }

  /**
   * To be called before Nest registers its routes.
   *
   * @throws TypeError for an adapter that is neither Express's nor Fastify's
   */
  install(): void {
    const { httpAdapter } = this.host;
    const type: string = httpAdapter.getType();
    const handlers = new RegisteredHandlers(this.modules, this.gate);
    if (type === 'fastify') this.installOnFastify(httpAdapter, handlers);
    else if (type === 'express') this.installOnExpress(httpAdapter, handlers);
    else throw new TypeError(`the middleware door knows Express and Fastify, not ${type}: use door: 'guard'`);
  }

  private installOnFastify(adapter: HttpServer, handlers: RegisteredHandlers): void {
    const instance: FastifyInstance = adapter.getInstance();
    beforeRegistration(adapter, (args) => {
      const registered: unknown = args.at(-1);
      const handler = handlers.behind(registered);
      if (handler === undefined || typeof registered !== 'function') return args;
      const config: object | undefined = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG, registered);
      Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG, { ...config, [GUARDED]: handler.guarded }, registered);
      return args;
    });
    instance.addHook('onRoute', (route) => {
      const guarded = route.config?.[GUARDED];
      if (guarded === undefined) return;
      const hooks = [route.onRequest ?? []].flat();
      // The HEAD route that Fastify adds to a GET route comes with the hooks of that.
      if (hooks.some((hook) => this.hooks.has(hook))) return;
      const hook: OnRequest = (request, _reply, done) =>
        this.admit(guarded, request.raw, requestIdOf(request), done);
      this.hooks.add(hook);
      route.onRequest = [hook, ...hooks];
    });
  }

  private installOnExpress(adapter: HttpServer, handlers: RegisteredHandlers): void {
    beforeRegistration(adapter, (args) => {
      const handler = handlers.behind(args.at(-1));
      if (handler === undefined) return args;
      const layer: ExpressHandler = (request, _response, next) =>
        this.admit(handler.guarded, request, requestIdOf(request), next);
      return [...args.slice(0, -1), this.forVersion(adapter, handler, layer), args.at(-1)];
    });
  }

  /** Several versions may share one path: the decision stands behind the same filter as the handler itself. */
  private forVersion(adapter: HttpServer, handler: RegisteredHandler, layer: ExpressHandler): unknown {
    const { controller, method, guarded } = handler;
    if (Reflect.getMetadata(HOST_METADATA, controller) !== undefined) {
      throw new TypeError(
        `${guarded.name} is for one host alone, which the middleware door cannot tell on Express: use door: 'guard'`,
      );
    }
    const versioning = this.config.getVersioning();
    if (versioning === undefined || versioning.type === VersioningType.URI) return layer;
    const version: VersionValue | undefined =
      Reflect.getMetadata(VERSION_METADATA, method) ??
      Reflect.getMetadata(VERSION_METADATA, controller) ??
      versioning.defaultVersion;
    return version === undefined ? layer : adapter.applyVersionFilter(layer, version, versioning);
  }

  private admit(
    handler: GuardedHandler,
    request: IncomingMessage & Visited,
    requestId: string | undefined,
    next: (error?: unknown) => void,
  ): void {
    const settle = (outcome: Outcome): void => {
      if (outcome instanceof Refusal) return next(new RefusedException(outcome));
      if (outcome) setCaller(request, outcome);
      request[ADMITTED] = handler;
      next();
    };
    const outcome = this.gate.admit(handler, request, { context: 'http', method: request.method, requestId });
    if (outcome instanceof Promise) outcome.then(settle, next);
    else settle(outcome);
  }

  protected override overHttp(context: ExecutionContext, handler: GuardedHandler): true {
    const request: IncomingMessage & Visited = rawRequest(context);
    if (request[ADMITTED] !== handler) throw new RefusedException(handler.authenticator.refusals.noRule());
    return true;
  }
}

type VersionValue = NonNullable<Extract<VersioningOptions, { defaultVersion?: unknown }>['defaultVersion']>;

/** As the methods of an adapter are called by which Nest registers routes. */
const VERBS = [
  'get',
  'post',
  'put',
  'delete',
  'patch',
  'all',
  'options',
  'head',
  'search',
  'propfind',
  'proppatch',
  'mkcol',
  'copy',
  'move',
  'lock',
  'unlock',
  'query',
];

function beforeRegistration(
  adapter: HttpServer,
  prepared: (args: readonly unknown[]) => readonly unknown[],
): void {
  for (const verb of VERBS) {
    const register: unknown = Reflect.get(adapter, verb);
    if (typeof register !== 'function') continue;
    Reflect.set(adapter, verb, (...args: readonly unknown[]): unknown =>
      register.apply(adapter, prepared(args)),
    );
  }
}
