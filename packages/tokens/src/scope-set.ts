/** The scopes of one token. Not a `Set`, since `Object.freeze` does not stop `add` on one. */
export class ScopeSet implements ReadonlySet<string> {
  readonly #scopes: ReadonlySet<string>;

  /** @param scope space-separated names (RFC 6749 3.3) */
  constructor(scope: string) {
    this.#scopes = new Set(scope.split(' ').filter((name) => name !== ''));
    Object.freeze(this);
  }

  get size(): number {
    return this.#scopes.size;
  }

  has(name: string): boolean {
    return this.#scopes.has(name);
  }

  forEach(visit: (name: string, same: string, set: ReadonlySet<string>) => void, self?: unknown): void {
    for (const name of this.#scopes) visit.call(self, name, name, this);
  }

  entries(): SetIterator<[string, string]> {
    return this.#scopes.entries();
  }

  keys(): SetIterator<string> {
    return this.#scopes.keys();
  }

  values(): SetIterator<string> {
    return this.#scopes.values();
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.#scopes.values();
  }

  toJSON(): string[] {
    return [...this.#scopes];
  }
}
