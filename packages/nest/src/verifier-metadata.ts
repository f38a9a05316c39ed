import { Declarations } from './declarations.ts';

export const verifierDeclarations = new Declarations<string>('verifier');

/** Which verifier a handler's tokens are for. */
export interface DeclaredVerifier {
  readonly name: string;
  readonly on: 'class' | 'method';
}

/**
 * The nearest @UseVerifier decides: of the method, of the same method of a parent, of the class, of a parent of it.
 *
 * @returns undefined when none is declared, and the module's own verifier holds
 * @throws TypeError when one place names several
 */
export function verifierOf(controller: Function, methodName: string): DeclaredVerifier | undefined {
  const declarations = verifierDeclarations.of(controller, methodName);
  const torn = declarations.find(({ clauses }) => clauses.length > 1);
  if (torn) throw new TypeError(`${torn.place} has @UseVerifier twice: keep one`);
  const [nearest] = declarations;
  const [name] = nearest?.clauses ?? [];
  return nearest && name !== undefined ? { name, on: nearest.on } : undefined;
}
