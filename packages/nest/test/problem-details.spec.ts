import {
  BadRequestException,
  ConflictException,
  Controller,
  Get,
  Module,
  Res,
  type MiddlewareConsumer,
} from '@nestjs/common';
import { Public, Authenticated } from '@portcullis/nest';
import { createProblem } from '@portcullis/http';
import { createTestingApp } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { appModule, deadIssuer, start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const SECRET = 'password=hunter2';

@Controller()
@Public()
class FailingController {
  @Get('error') error() {
    throw new Error(SECRET);
  }
  @Get('text') text() {
    // oxlint-disable-next-line only-throw-error -- a dependency may
    throw SECRET;
  }
  @Get('rejects') async rejects() {
    await Promise.reject(new TypeError(SECRET, { cause: new Error(SECRET) }));
  }
  @Get('upstream') upstream() {
    throw Object.assign(new Error(SECRET), { statusCode: 401 });
  }
  @Get('meant') meant() {
    throw new ConflictException('somebody was faster');
  }
  @Get('list') list() {
    throw new BadRequestException(['a', 'b']);
  }
  @Get('half') half(@Res() reply: { readonly raw: ServerResponse }) {
    reply.raw.writeHead(200).write('half');
    throw new Error(SECRET);
  }
  @Get('own') own() {
    throw new BadRequestException(
      createProblem(400, 'the dish has no name', {
        code: 'ERR_DISH',
        errors: [{ pointer: '/name', message: 'is missing' }],
      }),
    );
  }
  @Get('private') @Authenticated() private() {}
}

function recorder() {
  return { log: vi.fn(), error: vi.fn(), warn: vi.fn() };
}

async function get(path: string) {
  const logger = recorder();
  const { url } = await start({ issuer, controllers: [FailingController], logger });
  const response = await fetch(`${url}/${path}`);
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0],
    cache: response.headers.get('cache-control'),
    text: await response.text(),
    logger,
  };
}

describe('an error nobody meant to show', () => {
  it.each(['error', 'text', 'rejects', 'upstream'])('is 500 and nothing of it: /%s', async (path) => {
    const { status, type, cache, text, logger } = await get(path);
    expect({ status, type, cache }).toEqual({
      status: 500,
      type: 'application/problem+json',
      cache: 'no-store',
    });
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'something went wrong on our side; it has been logged',
      message: 'something went wrong on our side; it has been logged',
      statusCode: 500,
    });
    expect(logger.error).toHaveBeenCalledOnce();
  });

  it('in Nest middleware is 500 alike', async () => {
    @Module({ imports: [appModule({ issuer, controllers: [FailingController] })] })
    class WithMiddleware {
      configure(consumer: MiddlewareConsumer) {
        consumer
          .apply(() => {
            throw new Error(SECRET);
          })
          .forRoutes('meant');
      }
    }
    const { url, close } = await createTestingApp(WithMiddleware);
    onTestFinished(close);
    const response = await fetch(`${url}/meant`);
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
    expect(await response.text()).not.toContain('hunter2');
  });

  it('ends an answer that has begun', async () => {
    const { status, text } = await get('half');
    expect(status).toBe(200);
    expect(text).toBe('half');
  });
});

describe('an error that is meant', () => {
  it('keeps its status and its sentence', async () => {
    const { status, text, logger } = await get('meant');
    expect(status).toBe(409);
    expect(JSON.parse(text)).toMatchObject({
      title: 'Conflict',
      detail: 'somebody was faster',
      statusCode: 409,
    });
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('keeps the whole problem it brings', async () => {
    expect(JSON.parse((await get('own')).text)).toMatchObject({
      status: 400,
      detail: 'the dish has no name',
      code: 'ERR_DISH',
      errors: [{ pointer: '/name', message: 'is missing' }],
    });
  });

  it('is a problem whatever shape it had', async () => {
    expect(JSON.parse((await get('list')).text)).toMatchObject({
      status: 400,
      detail: 'Bad Request Exception',
    });
  });
});

describe('an address that leads nowhere', () => {
  it('is not repeated, since its query may hold a secret', async () => {
    const { status, type, text } = await get(`nowhere?${SECRET}`);
    expect({ status, type }).toEqual({ status: 404, type: 'application/problem+json' });
    expect(text).not.toMatch(/nowhere|hunter2/);
  });
});

describe('a refusal', () => {
  it('keeps its challenge through the filter', async () => {
    const { url } = await start({ issuer, controllers: [FailingController] });
    const response = await fetch(`${url}/private`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(`Bearer realm="${issuer.audience}"`);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  });

  it('is 503 with Retry-After and no challenge when the issuer is down', async () => {
    const options = { issuer: await deadIssuer(), audience: issuer.audience };
    const { url } = await start({ issuer: options, controllers: [FailingController] });
    const authorization = `Bearer ${await issuer.accessToken({ iss: options.issuer })}`;
    const response = await fetch(`${url}/private`, { headers: { authorization } });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(response.headers.has('www-authenticate')).toBe(false);
  });

  it('is logged with the handler and the reason, and never with the token', async () => {
    const logger = recorder();
    const { url } = await start({ issuer, controllers: [FailingController], logger });
    const token = await issuer.accessToken({ exp: 1 });
    await fetch(`${url}/private`, { headers: { authorization: `Bearer ${token}` } });
    const written = JSON.stringify([logger.log.mock.calls, logger.warn.mock.calls, logger.error.mock.calls]);
    expect(written).toContain('refused FailingController.private: 401 ERR_TOKEN_EXPIRED');
    for (const part of token.split('.')) expect(written).not.toContain(part);
  });
});
