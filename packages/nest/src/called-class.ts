import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';
import { decoratorKeys } from './decorator-keys.ts';

/** A class whose methods Nest may call from outside: a controller, or a provider, such as a resolver or a gateway. */
export interface CalledClass {
  readonly type: Type;
  readonly isController: boolean;
  /** The module that has it. */
  readonly module: Module;
}

/**
 * Every controller and provider, module by module, in the order of registration. Nothing has to be instantiated, so
 * that it also works in Nest's preview mode; there, what a factory would have made is not seen.
 */
export function calledClasses(modules: ModulesContainer): readonly CalledClass[] {
  return [...modules.values()].flatMap((module) => [
    ...classesOf(module.controllers).map((type) => ({ type, isController: true, module })),
    ...classesOf(module.providers).map((type) => ({ type, isController: false, module })),
  ]);
}

/** Those that serve WebSockets, each once. */
export function gatewaysOf(modules: ModulesContainer): readonly Type[] {
  const gateways = calledClasses(modules).flatMap(({ type, isController }) =>
    !isController && Reflect.hasMetadata(decoratorKeys.gateway, type) ? [type] : [],
  );
  return [...new Set(gateways)];
}

export interface CalledMethod {
  readonly name: string;
  /** The function, which holds what the decorators say. */
  readonly method: Function;
}

const scanner = new MetadataScanner();

/** The methods of a class and of its parents. */
export function methodsOf({ prototype }: Pick<Type, 'prototype'>): readonly CalledMethod[] {
  return scanner.getAllMethodNames(prototype).flatMap((name) => {
    const method: unknown = Reflect.get(prototype, name);
    return typeof method === 'function' ? [{ name, method }] : [];
  });
}

interface Wrapper {
  readonly instance: unknown;
  readonly metatype: Function | Type | null;
  readonly inject?: readonly unknown[] | null | undefined;
}

/** What a factory or a value provides has its class from the instance; the rest need not be instantiated. */
function classesOf(wrappers: ReadonlyMap<unknown, Wrapper>): readonly Type[] {
  const types = [...wrappers.values()].flatMap(({ instance, metatype, inject }) => {
    const made: unknown = isObject(instance) ? Object.getPrototypeOf(instance)?.constructor : undefined;
    const type = made ?? (inject ? undefined : metatype);
    return isClass(type) ? [type] : [];
  });
  return [...new Set(types)];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function' && value !== Object && isObject(value.prototype);
}
