import { existsSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourcePlace {
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Where a function would be found by the engine's own inspector: nothing has to be noted while decorators run. */
const LOCATED = Symbol.for('portcullis:located');

/** Finds methods in the sources that they were compiled from. */
export class SourceMapped {
  readonly #scripts = new Map<string, string>();
  readonly #maps = new Map<string, SourceMap | undefined>();
  #session: Session | undefined;

  /** Undefined when the engine does not tell, as for native code. */
  async placeOf(type: Function, method: string): Promise<SourcePlace | undefined> {
    const owner = ownerOf(type, method);
    const ofClass = await this.#compiled(owner);
    const ofMethod = await this.#compiled(Reflect.get(owner.prototype, method));
    // A decorator that wraps the method stands in another file; the class is then the better answer.
    const place = ofMethod?.url === ofClass?.url ? ofMethod : ofClass;
    return place && this.#original(fileURLToPath(place.url), place.line, place.column);
  }

  async #compiled(found: unknown): Promise<{ url: string; line: number; column: number } | undefined> {
    const session = this.#session ?? (await this.#open());
    Reflect.set(globalThis, LOCATED, found);
    const { result } = await session.post('Runtime.evaluate', {
      expression: `globalThis[Symbol.for('portcullis:located')]`,
    });
    Reflect.deleteProperty(globalThis, LOCATED);
    if (result.objectId === undefined) return undefined;
    const { internalProperties = [] } = await session.post('Runtime.getProperties', {
      objectId: result.objectId,
      ownProperties: true,
    });
    const location: unknown = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value
      ?.value;
    if (!isLocation(location)) return undefined;
    const url = this.#scripts.get(location.scriptId);
    return url?.startsWith('file:')
      ? { url, line: location.lineNumber, column: location.columnNumber }
      : undefined;
  }

  async #open(): Promise<Session> {
    const session = new Session();
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => this.#scripts.set(params.scriptId, params.url));
    await session.post('Debugger.enable');
    this.#session = session;
    return session;
  }

  #original(file: string, line: number, column: number): SourcePlace {
    if (!this.#maps.has(file)) this.#maps.set(file, sourceMapOf(file));
    const entry = this.#maps.get(file)?.findEntry(line, column);
    if (entry === undefined || !('originalSource' in entry)) return { file, line: line + 1 };
    return { file: resolve(dirname(file), entry.originalSource), line: entry.originalLine + 1 };
  }
}

function ownerOf(type: Function, method: string): Function {
  if (Object.hasOwn(type.prototype, method)) return type;
  const parent: unknown = Object.getPrototypeOf(type);
  return typeof parent === 'function' && parent !== Function.prototype ? ownerOf(parent, method) : type;
}

function isLocation(value: unknown): value is { scriptId: string; lineNumber: number; columnNumber: number } {
  return typeof value === 'object' && value !== null && 'scriptId' in value && 'lineNumber' in value;
}

/** Beside the file, where the compiler writes it. */
function sourceMapOf(file: string): SourceMap | undefined {
  const path = `${file}.map`;
  if (!existsSync(path)) return undefined;
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
