import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { AccessRule } from '@portcullis/http';
import type { GuardedHandler } from '../gate.ts';
import {
  extensionsOf,
  refusalsOf,
  schemesOf,
  securityOf,
  securitySchemes,
  sentencesOf,
  type SchemeName,
} from './described-access.ts';
import { DocumentedHandlers } from './documented-handlers.ts';
import { METHODS, type Operation, type PathItem, type Response } from './operation.ts';
import { problemSchema } from './problem.schema.ts';

/**
 * The document with what the doors enforce, from the same decorators: security schemes, for each operation its
 * security, what it needs (`x-required-permissions`, `x-required-any-permission`, `x-max-login-age`, `x-caller-kinds`, and
 * in words in its description) and the refusals with their problem details.
 *
 * ```ts
 * SwaggerModule.setup('docs', app, () => withAccess(SwaggerModule.createDocument(app, config), app));
 * ```
 *
 * @param document of @nestjs/swagger, for this application; it is not changed
 * @throws TypeError for an operation that no handler with a rule serves: add such operations to what this returns
 */
export function withAccess(document: OpenAPIObject, app: INestApplication): OpenAPIObject {
  const handlers = new DocumentedHandlers(app);
  const schemes = new Set<SchemeName>();
  const described = (method: string, path: string, operation: Operation): Operation => {
    const handler = handlers.find(method, path);
    const accepted = handler === undefined ? [] : schemesOf(handler.authenticator.verifier);
    for (const scheme of accepted) schemes.add(scheme);
    return withRule(operation, ruleOf(handler, method, path), accepted);
  };
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [
      path,
      { ...item, ...operationsOf(item, (method, operation) => described(method, path, operation)) },
    ]),
  );
  const { components = {} } = document;
  return {
    ...document,
    paths,
    components: {
      ...components,
      schemas: { ...components.schemas, Problem: problemSchema },
      securitySchemes: {
        ...components.securitySchemes,
        ...Object.fromEntries(Array.from(schemes, (scheme) => [scheme, securitySchemes[scheme]])),
      },
    },
  };
}

function operationsOf(
  item: PathItem,
  described: (method: string, operation: Operation) => Operation,
): PathItem {
  return Object.fromEntries(
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [[method, described(method, operation)]] : [];
    }),
  );
}

function ruleOf(handler: GuardedHandler | undefined, method: string, path: string): AccessRule {
  if (handler?.rule) return handler.rule;
  throw new TypeError(
    `${method.toUpperCase()} ${path} of the document is no handler with a rule: add it to what withAccess() returns`,
  );
}

function withRule(operation: Operation, rule: AccessRule, schemes: readonly SchemeName[]): Operation {
  const description = [operation.description ?? '', sentencesOf(rule)].filter(Boolean).join('\n\n');
  return {
    ...operation,
    ...(description === '' ? {} : { description }),
    security: securityOf(rule, schemes),
    ...extensionsOf(rule),
    responses: { ...operation.responses, ...merged(operation.responses, refusalsOf(rule)) },
  };
}

/** What the application says of the same status stays, beside ours. */
function merged(
  own: Operation['responses'],
  refusals: Readonly<Record<string, Response>>,
): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(refusals).map(([status, refusal]) => {
      const theirs = own[status];
      if (theirs === undefined || '$ref' in theirs) return [status, theirs ?? refusal];
      return [
        status,
        {
          ...theirs,
          description: [theirs.description, refusal.description].filter(Boolean).join('; or: '),
          headers: { ...refusal.headers, ...theirs.headers },
          content: { ...refusal.content, ...theirs.content },
        },
      ];
    }),
  );
}
