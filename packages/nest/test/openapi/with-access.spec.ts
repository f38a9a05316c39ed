import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { withAccess } from '@portcullis/nest/openapi';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../app.ts';
import { documentedApp, ItemsController } from './documented-app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

const api = (document: OpenAPIObject, path: string) => document.paths[`/api${path}`] ?? {};

describe('a document with access', () => {
  it('asks for a bearer token, and promises no form of it', async () => {
    const { document } = await documentedApp(issuer);
    expect(document.components?.securitySchemes).toEqual({
      accessToken: {
        type: 'http',
        scheme: 'bearer',
        description: 'An access token for this API, in the Authorization header (RFC 6750)',
      },
    });
    expect(api(document, '/items/mine').get?.security).toEqual([{ accessToken: [] }]);
    expect(api(document, '/items').get?.security).toEqual([]);
  });

  it('offers DPoP beside it where that is taken, and alone where it must be', async () => {
    const replayStore = { remember: () => true };
    const securityWith = async (required: boolean) => {
      const dpop = { publicUrl: 'http://localhost:7000', replayStore, required };
      const { document } = await documentedApp(issuer, { options: { dpop } });
      return [
        api(document, '/items/mine').get?.security,
        Object.keys(document.components?.securitySchemes ?? {}),
      ];
    };
    expect(await securityWith(false)).toEqual([
      [{ accessToken: [] }, { boundAccessToken: [] }],
      ['accessToken', 'boundAccessToken'],
    ]);
    expect(await securityWith(true)).toEqual([[{ boundAccessToken: [] }], ['boundAccessToken']]);
  });

  it('says what each operation needs, to programs and to people', async () => {
    const { document } = await documentedApp(issuer);
    expect(api(document, '/items').post).toMatchObject({
      'x-required-permissions': ['create:items', 'publish:items'],
      description: 'Needs the permissions create:items and publish:items.',
    });
    expect(api(document, '/items/{id}').put).toMatchObject({
      'x-required-any-permission': ['update:items', 'manage:items'],
      operationId: 'chosenByHand',
      description: 'Replaces an item.\n\nNeeds one of the permissions update:items or manage:items.',
    });
    expect(api(document, '/items/{id}').delete).toMatchObject({
      'x-required-permissions': ['delete:items'],
      'x-max-login-age': 600,
      description: 'Needs the permission delete:items and a login within the last 600 seconds.',
    });
    expect(api(document, '/items/report').get).toMatchObject({
      'x-caller-kinds': ['machine'],
      description: 'Needs an access token. For a machine.',
    });
  });

  it('has every refusal of a door as problem details, and none where anybody may', async () => {
    const { document } = await documentedApp(issuer);
    const statuses = (path: string, method: 'get' | 'post') =>
      Object.keys(api(document, path)[method]?.responses ?? {});
    expect(statuses('/items', 'post')).toEqual(['201', '400', '401', '403', '429', '503']);
    expect(statuses('/items/who', 'get')).toEqual(['200', '400', '401', '429', '503']);
    expect(statuses('/items', 'get')).toEqual(['200']);
    expect(api(document, '/items').post?.responses[401]).toEqual({
      description: 'No access token, or one that cannot be accepted',
      headers: { 'WWW-Authenticate': expect.anything() },
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
    expect(document.components?.schemas).toHaveProperty('Problem');
  });

  it('keeps what the application says of the same status', async () => {
    const { document } = await documentedApp(issuer);
    expect(api(document, '/items/{id}').delete?.responses[403]).toMatchObject({
      description: expect.stringMatching(/^The item is frozen; or: Not for this caller\./),
      content: { 'application/problem+json': expect.anything() },
    });
  });

  it('tells subclasses apart that share a handler', async () => {
    const { document } = await documentedApp(issuer);
    expect(api(document, '/a/ping').post?.security).toEqual([]);
    expect(api(document, '/b/ping').post).toMatchObject({ 'x-required-permissions': ['read:b'] });
  });

  it('knows the operations of a document without the global prefix, too', async () => {
    const { app } = await start({
      issuer,
      controllers: [ItemsController],
      prepare: (preparing) => void preparing.setGlobalPrefix('api'),
    });
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build(), {
      ignoreGlobalPrefix: true,
    });
    expect(withAccess(document, app).paths['/items']?.post).toMatchObject({
      'x-required-permissions': ['create:items', 'publish:items'],
    });
  });

  it('does not change the document it is given', async () => {
    const { app } = await start({ issuer, controllers: [ItemsController] });
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const before = structuredClone(document);
    withAccess(document, app);
    expect(document).toEqual(before);
  });

  it('refuses an operation that no handler serves, and says where it belongs', async () => {
    const { app } = await start({ issuer, controllers: [ItemsController] });
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    document.paths['/elsewhere'] = { get: { responses: {} } };
    expect(() => withAccess(document, app)).toThrow(
      'GET /elsewhere of the document is no handler with a rule: add it to what withAccess() returns',
    );
  });
});
