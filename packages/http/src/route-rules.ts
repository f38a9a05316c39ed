import { checkRule, type AccessRule } from './access-rule.ts';

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

interface RuledLine extends Line {
  readonly rule: AccessRule;
}

const LINE = /^[A-Z-]+ ./;

/** Looks rules up by what a route was registered with; a request's own address is never compared with anything. */
export class RouteTable {
  /** By path, then by method: a request is looked up without making anything. */
  readonly #lines = new Map<string, Map<string, RuledLine>>();
  readonly #unused = new Set<RuledLine>();

  /** @throws TypeError for a line that is no method and path, and for a rule that could not be meant */
  constructor(rules: RouteRules) {
    for (const [line, rule] of Object.entries(rules)) {
      if (!LINE.test(line)) throw new TypeError(`"${line}" is no route: write a line as "GET /items"`);
      // A line that says nothing is found when its route is declared.
      if (rule !== undefined) checkRuleOf(line, rule);
      const end = line.indexOf(' ');
      const ruled = { method: line.slice(0, end), path: line.slice(end + 1), rule };
      const ofPath = this.#lines.get(ruled.path) ?? new Map<string, RuledLine>();
      this.#lines.set(ruled.path, ofPath.set(ruled.method, ruled));
      this.#unused.add(ruled);
    }
  }

  ruleOf(method: string, path: string): AccessRule | undefined {
    return this.#lineOf(method, path)?.rule;
  }

  /**
   * For a route that is being declared.
   *
   * @throws TypeError when no line is for it, with the line to write
   */
  declaredRuleOf(method: string, path: string): AccessRule {
    const line = this.#lineOf(method, path);
    if (line?.rule === undefined) {
      throw new TypeError(
        `nothing says who may use ${method} ${path}: give it a rule, such as '${method} ${path}': publicRule`,
      );
    }
    this.#unused.delete(line);
    return line.rule;
  }

  /** Lines that no declared route has, such as misspelt ones. */
  get unused(): readonly Line[] {
    return [...this.#unused];
  }

  #lineOf(method: string, path: string): RuledLine | undefined {
    const ofPath = this.#lines.get(path);
    return ofPath?.get(method) ?? (method === 'HEAD' ? ofPath?.get('GET') : undefined) ?? ofPath?.get('ALL');
  }
}

function checkRuleOf(line: string, rule: AccessRule): void {
  try {
    checkRule(rule);
  } catch (cause) {
    throw new TypeError(`"${line}": ${cause instanceof Error ? cause.message : 'no rule'}`, { cause });
  }
}
