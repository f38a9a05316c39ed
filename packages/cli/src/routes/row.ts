import { relative } from 'node:path';
import type { ListedHandler } from './load-handlers.ts';
import type { SourceMapped } from './source-place.ts';

/** One address of one handler, as it is printed. */
export interface Row {
  readonly context: ListedHandler['context'];
  readonly method: string;
  readonly path: string;
  /** Who may, in words. */
  readonly who: string;
  /** Which permissions they need, in words. */
  readonly permissions: string | undefined;
  /** The rule itself; undefined when there is none. */
  readonly rule: ListedHandler['rule'];
  /** The verifier that judges its tokens; undefined: the module's own. */
  readonly verifier: string | undefined;
  /** Such as `ItemsController.create`. */
  readonly handler: string;
  /** File and line, relative to the current directory. */
  readonly source: string | undefined;
}

export async function rowsOf(
  handlers: readonly ListedHandler[],
  sources: SourceMapped,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { context, type, controller, handler, method, paths, rule, verifier, words } of handlers) {
    const place = await sources.placeOf(type, handler);
    const row = {
      who: words.who,
      permissions: words.permissions,
      rule,
      verifier,
      handler: `${controller}.${handler}`,
      source: place && `${relative('.', place.file)}:${place.line}`,
    };
    rows.push(...paths.map((path) => ({ context, method, path, ...row })));
  }
  return rows;
}
