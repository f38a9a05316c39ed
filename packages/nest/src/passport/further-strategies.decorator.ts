import 'reflect-metadata';

const FURTHER_STRATEGIES = Symbol('portcullis:further-strategies');

/**
 * Passport's strategies, by name, to ask in this order when a request carries no credential of ours. Each must succeed
 * with a `Caller`. On a method or a class; a method's list takes the place of its class's, a subclass inherits both.
 *
 * The Authorization header decides alone: with a bad token in it no further strategy is asked, and a strategy that
 * reads a cookie should `fail` while the header is there.
 *
 * @throws TypeError unless it is given names
 */
export function FurtherStrategies(
  ...names: readonly [string, ...string[]]
): ClassDecorator & MethodDecorator {
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new TypeError('@FurtherStrategies takes the names of one or more Passport strategies');
  }
  if (names.includes('portcullis')) {
    throw new TypeError(
      '@FurtherStrategies comes after "portcullis", which is always asked first: leave it out',
    );
  }
  return (target: object, method?: string | symbol) => {
    if (method === undefined) Reflect.defineMetadata(FURTHER_STRATEGIES, names, target);
    else Reflect.defineMetadata(FURTHER_STRATEGIES, names, target, method);
  };
}

/** @param method the name under which the controller has the handler */
export function furtherStrategiesOf(controller: Function, method: string): readonly string[] {
  const names: unknown =
    Reflect.getMetadata(FURTHER_STRATEGIES, controller.prototype, method) ??
    Reflect.getMetadata(FURTHER_STRATEGIES, controller);
  return Array.isArray(names) ? names : [];
}
