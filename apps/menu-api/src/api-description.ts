import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { withAccess } from '@portcullis/nest/openapi';

const description = new DocumentBuilder().setTitle('WAB Menu API').setVersion('1').build();

/** Serves /openapi.json and /docs, with the access rules that the guard enforces. */
export function describeApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => withAccess(createDocument(app), app), {
    jsonDocumentUrl: 'openapi.json',
  });
}

function createDocument(app: INestApplication): OpenAPIObject {
  return SwaggerModule.createDocument(app, description, {
    operationIdFactory: (controller, handler) => `${controller}.${handler}`,
  });
}
