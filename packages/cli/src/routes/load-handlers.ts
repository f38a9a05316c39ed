import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DeclaredHandler, ListedApplication, RuleInWords } from '@portcullis/nest';
import { Misuse } from '../misuse.ts';

type PortcullisNest = typeof import('@portcullis/nest');

/** A handler with its rule in words. */
export interface ListedHandler extends DeclaredHandler {
  readonly words: RuleInWords;
}

export interface LoadedHandlers extends Pick<PortcullisNest, 'withoutRule'> {
  readonly handlers: readonly ListedHandler[];
}

/**
 * The handlers of the application that a file exports.
 *
 * @param exported which of its exports; undefined: the default, or the only one
 * @throws Misuse when there is no such file or export, or it is none of an application's
 */
export async function loadHandlers(file: string, exported: string | undefined): Promise<LoadedHandlers> {
  const path = resolve(file);
  if (!existsSync(path))
    throw new Misuse(
      `There is no file ${file}. Compile the application first, and name the JavaScript file.`,
    );
  if (/\.[cm]?tsx?$/.test(path))
    throw new Misuse(`${file} is TypeScript. Compile the application first, and name the JavaScript file.`);
  const { listHandlers, previewOptions, ruleInWords, withoutRule } = await portcullisOf(path);
  const application = await made(choose(await load(path, file), exported, file), previewOptions);
  if (!isListed(application))
    throw new Misuse(
      `What ${file} exports is no module: name a class with @Module, a dynamic module, an application, or a function that returns one of them with --export.`,
    );
  try {
    const handlers = await listHandlers(application);
    return {
      handlers: handlers.map((one) => ({ ...one, words: ruleInWords(one.rule, one.verifier) })),
      withoutRule,
    };
  } catch (error) {
    throw new Misuse(reason(error), { cause: error });
  }
}

/** The application's own copy: decorators of another would be invisible. */
async function portcullisOf(path: string): Promise<PortcullisNest> {
  let entry: string;
  try {
    entry = createRequire(path).resolve('@portcullis/nest');
  } catch {
    throw new Misuse(`The application in ${path} has no @portcullis/nest: install it there.`);
  }
  const found: PortcullisNest = await import(pathToFileURL(entry).href);
  return found;
}

async function load(path: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const loaded: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
    return loaded;
  } catch (error) {
    throw new Misuse(`${file} cannot be loaded: ${reason(error)}`, { cause: error });
  }
}

function choose(
  loaded: Readonly<Record<string, unknown>>,
  exported: string | undefined,
  file: string,
): unknown {
  const names = Object.keys(loaded);
  const name = exported ?? ('default' in loaded || names.length !== 1 ? 'default' : names[0]);
  if (name !== undefined && Object.hasOwn(loaded, name)) return loaded[name];
  const known = names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`;
  throw new Misuse(
    exported === undefined
      ? `Which export of ${file} is the module? Name it with --export. ${known}`
      : `${file} has no export "${exported}". ${known}`,
  );
}

/** A class is taken as it is; any other function is called. */
async function made(exported: unknown, options: PortcullisNest['previewOptions']): Promise<unknown> {
  if (typeof exported !== 'function' || /^class\b/.test(Function.prototype.toString.call(exported)))
    return exported;
  try {
    const application: unknown = await Reflect.apply(exported, undefined, [options]);
    return application;
  } catch (error) {
    throw new Misuse(`The exported function failed: ${reason(error)}`, { cause: error });
  }
}

function isListed(value: unknown): value is ListedApplication {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && ('module' in value || 'get' in value);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
