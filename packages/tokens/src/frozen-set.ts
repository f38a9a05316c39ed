/** A set that nobody can add to. `Object.freeze` on a `Set` does not stop `add`. */
export class FrozenSet<Member> implements ReadonlySet<Member> {
  readonly #members: ReadonlySet<Member>;

  constructor(members: Iterable<Member> = []) {
    this.#members = new Set(members);
    Object.freeze(this);
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: Member): boolean {
    return this.#members.has(member);
  }

  forEach(visit: (member: Member, same: Member, set: ReadonlySet<Member>) => void, self?: unknown): void {
    for (const member of this.#members) visit.call(self, member, member, this);
  }

  entries(): SetIterator<[Member, Member]> {
    return this.#members.entries();
  }

  keys(): SetIterator<Member> {
    return this.#members.keys();
  }

  values(): SetIterator<Member> {
    return this.#members.values();
  }

  [Symbol.iterator](): SetIterator<Member> {
    return this.#members.values();
  }

  toJSON(): Member[] {
    return [...this.#members];
  }
}
