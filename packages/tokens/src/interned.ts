/** Values at most. One more, and all are made anew. */
const MOST = 256;
/** Characters: what is longer is not what many have. */
const LONGEST = 1024;

/** What many tokens say alike, made once. Only for values that nobody can change. */
export class Interned<Value extends object> {
  readonly #values = new Map<string, Value>();

  /** @param text what the value is made of, the whole of it: equal texts get the same value */
  of(text: string, make: () => Value): Value {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const made = make();
    if (text.length > LONGEST) return made;
    if (this.#values.size === MOST) this.#values.clear();
    this.#values.set(text, made);
    return made;
  }
}
