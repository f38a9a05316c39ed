import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { calledClasses, methodsOf, type CalledMethod } from './called-class.ts';
import { decoratorKeys } from './decorator-keys.ts';
import { markOriginal, originalOf } from './original-handler.ts';

/**
 * Nest takes the path of a handler from its class and calls the function that the instance has. Where these differ, as
 * after `this.list = this.list.bind(this)`, what the decorators say is lost to every guard: ours would refuse the
 * handler, and others that stand on it would be left out.
 */
@Injectable()
export class ReplacedHandlers implements OnModuleInit {
  private readonly modules: ModulesContainer;

  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    this.modules = modules;
    for (const { type } of calledClasses(modules))
      for (const { method } of handlersOf(type)) markOriginal(method);
  }

  /** @throws TypeError naming the handlers that their instances have replaced */
  onModuleInit(): void {
    const replaced = [...this.modules.values()]
      .flatMap(({ controllers }) => [...controllers.values()])
      .flatMap(({ instance }) => replacedIn(instance));
    if (replaced.length > 0) throw new TypeError(replaced.join('\n'));
  }
}

/** One that is made for each request is not made yet: the gate refuses what it then has. */
function replacedIn(instance: unknown): readonly string[] {
  if (typeof instance !== 'object' || instance === null) return [];
  const prototype = Object.getPrototypeOf(instance);
  return handlersOf({ prototype }).flatMap(({ name, method }) => {
    const called: unknown = Reflect.get(instance, name);
    return typeof called === 'function' && originalOf(called) === method
      ? []
      : [
          `${prototype.constructor.name}.${name} is another function on the instance, so that nothing its decorators say would hold: leave the method as it is, and bind it where it is handed on`,
        ];
  });
}

function handlersOf(type: Pick<Type, 'prototype'>): readonly CalledMethod[] {
  return methodsOf(type).filter(({ method }) => MARKS.some((mark) => Reflect.hasMetadata(mark, method)));
}

/** What makes a method a handler, in whatever context. */
const MARKS = [
  METHOD_METADATA,
  decoratorKeys.patternKind,
  decoratorKeys.subscribes,
  decoratorKeys.resolverType,
  decoratorKeys.resolvesField,
  decoratorKeys.resolvesReference,
];
