import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { AccessRule } from '@portcullis/http';
import { RouteAudit } from '@portcullis/nest';

const PROBLEM = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'message', 'statusCode'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    message: { type: 'string' },
    statusCode: { type: 'integer' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, message: { type: 'string' } } },
    },
    missingPermissions: { type: 'array', items: { type: 'string' } },
  },
};

/** Serves /openapi.json and /docs, with the access rules that the guard enforces. */
export function describeApi(app: INestApplication): void {
  const builder = new DocumentBuilder()
    .setTitle('WAB Menu API')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'accessToken')
    .build();
  SwaggerModule.setup('docs', app, () => withAccess(createDocument(app, builder), app.get(RouteAudit)), {
    jsonDocumentUrl: 'openapi.json',
  });
}

function createDocument(app: INestApplication, builder: Omit<OpenAPIObject, 'paths'>): OpenAPIObject {
  return SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (controller, handler) => `${controller}.${handler}`,
  });
}

function withAccess(document: OpenAPIObject, audit: RouteAudit): OpenAPIObject {
  const rules = new Map(
    audit.routes.map(({ controller, handler, rule }) => [`${controller}.${handler}`, rule]),
  );
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      const rule = operation?.operationId === undefined ? undefined : rules.get(operation.operationId);
      if (operation && rule)
        Object.assign(operation, accessOf(rule), {
          responses: { ...operation.responses, ...refusalsOf(rule) },
        });
    }
  }
  return {
    ...document,
    components: { ...document.components, schemas: { ...document.components?.schemas, Problem: PROBLEM } },
  };
}

function accessOf(rule: AccessRule): object {
  if (rule.access !== 'caller') return { security: [] };
  return { security: [{ accessToken: [] }], 'x-required-permissions': [...rule.allOf, ...rule.anyOf] };
}

function refusalsOf(rule: AccessRule): object {
  if (rule.access !== 'caller') return {};
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  return {
    401: problem('No access token, one that cannot be accepted, or a login too long ago'),
    403: problem(`Not allowed${rule.allOf.length > 0 ? `: needs ${rule.allOf.join(', ')}` : ''}`),
    503: problem('The issuer cannot be reached, so the token cannot be checked'),
  };
}
