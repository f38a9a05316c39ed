import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { AccessRule, Authenticator } from '@portcullis/http';
import { accessDeclarations, accessRuleOf } from './access-metadata.ts';
import { calledClasses, methodsOf } from './called-class.ts';
import { needsCaller } from './caller.decorator.ts';
import { lineage } from './declarations.ts';
import { PortcullisGuard } from './portcullis.guard.ts';
import { NAMED_AUTHENTICATORS, PORTCULLIS_OPTIONS, type PortcullisOptions } from './portcullis.options.ts';
import { verifierDeclarations, verifierOf } from './verifier-metadata.ts';

/** A method that our decorators, or those of its class, say something about. */
interface Declared {
  readonly controller: Function;
  readonly method: string;
  readonly function: Function;
  readonly rule: AccessRule | undefined;
}

/** What is wrong with it, as the rest of a sentence; undefined when nothing is. */
type Check = (declared: Declared) => string | undefined;

/** Reads every declaration at start, in whatever context, and stops the application when one cannot be meant. */
@Injectable()
export class DeclarationAudit implements OnModuleInit {
  private readonly modules: ModulesContainer;
  private readonly verifiers: ReadonlyMap<string, Authenticator>;
  private readonly permissions: ReadonlySet<string> | undefined;
  private readonly checks: readonly Check[] = [
    (declared) => this.unknownVerifier(declared),
    (declared) => this.undeclaredPermission(declared),
    idleVerifier,
    absentCaller,
    secondGuard,
    noHandler,
  ];

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(PORTCULLIS_OPTIONS) { declaredPermissions }: PortcullisOptions,
    @Inject(NAMED_AUTHENTICATORS) verifiers: ReadonlyMap<string, Authenticator>,
  ) {
    this.modules = modules;
    this.verifiers = verifiers;
    this.permissions = declaredPermissions && new Set(declaredPermissions);
  }

  /** @throws TypeError with a line for each declaration that is wrong, and what to try */
  onModuleInit(): void {
    const wrong = calledClasses(this.modules)
      .flatMap(({ type }) => declaredIn(type))
      .flatMap((declared) =>
        this.checks.flatMap((check) => {
          const why = check(declared);
          return why === undefined ? [] : [`  ${declared.controller.name}.${declared.method} ${why}`];
        }),
      );
    // A class may be in several modules.
    const lines = new Set(wrong);
    if (lines.size > 0) throw new TypeError(['These declarations cannot be meant:', ...lines].join('\n'));
  }

  private unknownVerifier({ controller, method }: Declared): string | undefined {
    const name = verifierOf(controller, method)?.name;
    if (name === undefined || this.verifiers.has(name)) return undefined;
    const known = [...this.verifiers.keys()].map((one) => `"${one}"`).join(', ');
    return known === ''
      ? `takes the tokens of the verifier "${name}", and there is none: give PortcullisModule { verifiers: { ${name}: … } }`
      : `takes the tokens of the verifier "${name}", and those there are have the names ${known}`;
  }

  private undeclaredPermission({ rule, function: handler }: Declared): string | undefined {
    if (this.permissions === undefined || rule?.access !== 'caller' || !isHandler(handler)) return undefined;
    const unknown = [...rule.allOf, ...rule.anyOf].find((name) => !this.permissions?.has(name));
    return unknown && `requires "${unknown}", which is not among the declaredPermissions`;
  }
}

function declaredIn(controller: Type): readonly Declared[] {
  return methodsOf(controller).map(({ name, method }) => ({
    controller,
    method: name,
    function: method,
    rule: accessRuleOf(controller, name),
  }));
}

function idleVerifier({ controller, method, rule }: Declared): string | undefined {
  return rule?.access === 'public' && verifierOf(controller, method)?.on === 'method'
    ? 'is @Public, so that no token is looked at, and has @UseVerifier: keep one'
    : undefined;
}

function absentCaller({ controller, method, rule }: Declared): string | undefined {
  return (rule?.access === 'public' || rule?.access === 'optional') && needsCaller(controller, method)
    ? 'lets anonymous requests in and takes @CurrentCaller(): write @CurrentCaller({ optional: true })'
    : undefined;
}

/** The module's own guard has decided by then: every decision would be made, and counted, twice. */
function secondGuard({ controller, function: handler }: Declared): string | undefined {
  const guards: readonly unknown[] = [controller, handler].flatMap((place): unknown[] => {
    const given: unknown = Reflect.getMetadata(GUARDS_METADATA, place);
    return Array.isArray(given) ? given : [];
  });
  const ours = guards.map(nameOfOurs).find((name) => name !== undefined);
  return ours && `has @UseGuards(${ours}), which PortcullisModule puts before every handler: remove it`;
}

/** Its own name for a class that extends ours, such as Passport's; undefined for anybody else's guard. */
function nameOfOurs(guard: unknown): string | undefined {
  if (guard instanceof PortcullisGuard) return guard.constructor.name;
  if (typeof guard !== 'function') return undefined;
  return lineage(guard).includes(PortcullisGuard) ? guard.name : undefined;
}

function noHandler({ controller, method, function: found }: Declared): string | undefined {
  const declares = accessDeclarations.has(controller, method) || verifierDeclarations.has(controller, method);
  return declares && !isHandler(found)
    ? 'has an access decorator and is no handler, so that nothing asks for it: add @Get() or the like, or remove it'
    : undefined;
}

/** Every framework marks the functions that it calls. */
function isHandler(found: Function): boolean {
  return Reflect.getOwnMetadataKeys(found).some(
    (key) => !accessDeclarations.owns(key) && !verifierDeclarations.owns(key),
  );
}
