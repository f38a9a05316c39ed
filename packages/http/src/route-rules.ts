import type { AccessRule } from './access-rule.ts';

/**
 * The rule of every route of an application, by method and path as the router is given them:
 * `{ 'GET /items': publicRule, 'POST /items': callerRule({ allOf: ['create:items'] }) }`. `ALL` stands for every
 * method that has no line of its own; HEAD goes by the line of GET when it has none.
 */
export type RouteRules = Readonly<Record<`${Uppercase<string>} ${string}`, AccessRule>>;

interface Line {
  readonly method: string;
  readonly path: string;
}

const LINE = /^[A-Z-]+ ./;

/** Looks rules up by what a route was registered with; a request's own address is never compared with anything. */
export class RouteTable {
  readonly #rules: ReadonlyMap<string, AccessRule>;
  readonly #unused: Set<string>;

  /** @throws TypeError for a line that is no method and path */
  constructor(rules: RouteRules) {
    this.#rules = new Map(Object.entries(rules));
    this.#unused = new Set(this.#rules.keys());
    for (const line of this.#unused) {
      if (!LINE.test(line)) throw new TypeError(`"${line}" is no route: write a line as "GET /items"`);
    }
  }

  ruleOf(method: string, path: string): AccessRule | undefined {
    const line = this.#lineOf(method, path);
    return line === undefined ? undefined : this.#rules.get(line);
  }

  /**
   * For a route that is being declared.
   *
   * @throws TypeError when no line is for it, with the line to write
   */
  declaredRuleOf(method: string, path: string): AccessRule {
    const line = this.#lineOf(method, path);
    const rule = line === undefined ? undefined : this.#rules.get(line);
    if (line === undefined || rule === undefined) {
      throw new TypeError(
        `nothing says who may use ${method} ${path}: give it a rule, such as '${method} ${path}': publicRule`,
      );
    }
    this.#unused.delete(line);
    return rule;
  }

  /** Lines that no declared route has, such as misspelt ones. */
  get unused(): readonly Line[] {
    return [...this.#unused].map((line) => {
      const end = line.indexOf(' ');
      return { method: line.slice(0, end), path: line.slice(end + 1) };
    });
  }

  #lineOf(method: string, path: string): string | undefined {
    const methods = method === 'HEAD' ? ['HEAD', 'GET', 'ALL'] : [method, 'ALL'];
    return methods.map((name) => `${name} ${path}`).find((line) => this.#rules.has(line));
  }
}
