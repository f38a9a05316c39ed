import 'reflect-metadata';

/** A class or a method, and what its decorators of one kind say, the topmost first. */
export interface Declaration<Clause> {
  /** Such as `ItemsController.create`. */
  readonly place: string;
  readonly on: 'class' | 'method';
  readonly clauses: readonly Clause[];
}

interface Place {
  readonly prototype: object;
  readonly method: string;
}

/**
 * What the decorators of one kind say, kept beside the class by the method's name: a decorator that replaces the function
 * loses nothing. The function knows too where it was decorated, for mixins that copy it to another class.
 */
export class Declarations<Clause> {
  readonly #clauses: symbol;
  readonly #places: symbol;

  /** @param name such as `access` */
  constructor(name: string) {
    this.#clauses = Symbol(`portcullis:${name}`);
    this.#places = Symbol(`portcullis:${name}:places`);
  }

  /** @throws TypeError on a property, a static method or one named by a symbol, which no request ever reaches */
  decorator(clause: Clause): ClassDecorator & MethodDecorator {
    return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor) => {
      const decorated: unknown = descriptor?.value;
      if (method === undefined && typeof target === 'function') {
        Reflect.defineMetadata(this.#clauses, [clause, ...this.#ofClass(target)], target);
      } else if (
        typeof method === 'string' &&
        typeof target === 'object' &&
        typeof decorated === 'function'
      ) {
        const clauses = [clause, ...this.#beside({ prototype: target, method })];
        Reflect.defineMetadata(this.#clauses, clauses, target, method);
        this.#note(decorated, { prototype: target, method });
      } else throw new TypeError('access decorators go on a class or on a named method of its instances');
    };
  }

  /**
   * Every declaration that could hold for a handler, the nearest first: those on its method, from the class itself to its
   * farthest parent, then those on the classes in the same order.
   *
   * @throws TypeError when the method was copied from several classes and nothing says which of them it follows
   */
  of(controller: Function, method: string): readonly Declaration<Clause>[] {
    const owners = lineage(controller);
    const declarations: readonly Declaration<Clause>[] = [
      ...owners.map((owner) => ({
        place: `${owner.name}.${method}`,
        on: 'method' as const,
        clauses: this.#ofMethod(owner, method),
      })),
      ...owners.map((owner) => ({
        place: owner.name,
        on: 'class' as const,
        clauses: this.#ofClass(owner),
      })),
    ];
    return declarations.filter(({ clauses }) => clauses.length > 0);
  }

  /** Whether this very class declares something on the method, rather than a parent of it. */
  has(controller: Function, method: string): boolean {
    return this.#beside({ prototype: controller.prototype, method }).length > 0;
  }

  /** Whether metadata under this key is what the function's decorators of this kind left there. */
  owns(key: unknown): boolean {
    return key === this.#places;
  }

  #ofClass(owner: Function): readonly Clause[] {
    const clauses: readonly Clause[] | undefined = Reflect.getOwnMetadata(this.#clauses, owner);
    return clauses ?? [];
  }

  #ofMethod(owner: Function, method: string): readonly Clause[] {
    const beside = this.#beside({ prototype: owner.prototype, method });
    return beside.length > 0 ? beside : this.#copied(owner, method);
  }

  #beside({ prototype, method }: Place): readonly Clause[] {
    const clauses: readonly Clause[] | undefined = Reflect.getOwnMetadata(this.#clauses, prototype, method);
    return clauses ?? [];
  }

  #copied(owner: Function, method: string): readonly Clause[] {
    const copy: unknown = Object.getOwnPropertyDescriptor(owner.prototype, method)?.value;
    if (typeof copy !== 'function') return [];
    const [origin, another] = this.#placesOf(copy);
    if (another !== undefined) {
      throw new TypeError(
        `${owner.name}.${method} was declared in several classes and copied here: say again on ${owner.name}.${method} what holds`,
      );
    }
    return origin === undefined ? [] : this.#beside(origin);
  }

  #placesOf(decorated: Function): readonly Place[] {
    const places: readonly Place[] | undefined = Reflect.getOwnMetadata(this.#places, decorated);
    return places ?? [];
  }

  #note(decorated: Function, place: Place): void {
    const places = this.#placesOf(decorated);
    if (places.some(({ prototype, method }) => prototype === place.prototype && method === place.method))
      return;
    Reflect.defineMetadata(this.#places, [...places, place], decorated);
  }
}

/** A class and its parents, those that a mixin made among them. */
export function lineage(controller: Function): readonly Function[] {
  const parent: unknown = Object.getPrototypeOf(controller);
  return typeof parent === 'function' && parent !== Function.prototype
    ? [controller, ...lineage(parent)]
    : [controller];
}
