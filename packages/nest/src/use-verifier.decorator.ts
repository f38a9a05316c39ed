import { verifierDeclarations } from './verifier-metadata.ts';

/**
 * The handler takes tokens of this verifier alone: those of the module's own are 401 here, and the other way round. On a
 * class it holds for all its handlers; a method's own wins.
 *
 * @param name one of `verifiers` in the options of PortcullisModule; another one keeps the application from starting
 */
export function UseVerifier(name: string): ClassDecorator & MethodDecorator {
  if (typeof name !== 'string' || name === '')
    throw new TypeError('@UseVerifier takes the name of a verifier');
  return verifierDeclarations.decorator(name);
}
