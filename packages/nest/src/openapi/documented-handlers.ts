import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { declaredHandlers } from '../declared-handler.ts';
import { Gate, type GuardedHandler } from '../gate.ts';
import { RegisteredPaths } from '../registered-paths.ts';

/** The handlers of an application by the operations that a document has for them. */
export class DocumentedHandlers {
  private readonly handlers = new Map<string, GuardedHandler>();
  private readonly gate: Gate;
  private readonly modules: ModulesContainer;

  constructor(app: INestApplication) {
    this.gate = app.get(Gate);
    this.modules = app.get(ModulesContainer);
    const [config, host] = [app.get(ApplicationConfig), app.get(HttpAdapterHost)];
    // A document may be made without the global prefix; an address with it is the surer one.
    this.add(new RegisteredPaths(config, this.modules, host, ''));
    this.add(new RegisteredPaths(config, this.modules, host));
  }

  /** @param path as the document spells it, such as `/items/{id}` */
  find(method: string, path: string): GuardedHandler | undefined {
    const nameless = path.replaceAll(/\{[^}]*\}/g, PARAMETER);
    return this.handlers.get(`${method.toUpperCase()} ${nameless}`) ?? this.handlers.get(`ALL ${nameless}`);
  }

  private add(registered: RegisteredPaths): void {
    for (const { context, type, handler, method, paths } of declaredHandlers(this.modules, registered)) {
      const found: unknown = Reflect.get(type.prototype, handler);
      if (context !== 'http' || typeof found !== 'function') continue;
      for (const path of paths)
        this.handlers.set(`${method} ${namelessOf(path)}`, this.gate.handlerOf(type, found));
    }
  }
}

const PARAMETER = '{}';

/** One spelling for an address as the router has it and as a document has it: the names of parameters do not matter. */
function namelessOf(path: string): string {
  const spelled = path
    .replaceAll(/[{}]/g, '')
    .replaceAll(/[:*]\w*(\([^)]*\))?\??/g, PARAMETER)
    .replace(/\/+$/, '');
  return spelled === '' ? '/' : spelled;
}
