import 'reflect-metadata';

const ORIGINAL = Symbol('portcullis:original-handler');

/** From now on, whatever copies this method's metadata is known as standing for it, as Nest's own wrappers do. */
export function markOriginal(method: Function): void {
  Reflect.defineMetadata(ORIGINAL, method, method);
}

/** The method that a function stands for; the function itself where it copied none. */
export function originalOf(handler: Function): Function {
  const original: unknown = Reflect.getMetadata(ORIGINAL, handler);
  return typeof original === 'function' ? original : handler;
}
