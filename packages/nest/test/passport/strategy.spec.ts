import { createAuthenticator } from '@portcullis/http';
import { PortcullisStrategy, refusedHandler } from '@portcullis/nest/passport';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import express, { type Express } from 'express';
import passport from 'passport';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deadIssuer } from '../app.ts';
import { serve } from './serve.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

/** Somebody else's strategy, which lets everybody in. */
class OpenStrategy extends passport.Strategy {
  override readonly name = 'open';
  override authenticate(): void {
    asked.push('open');
    this.success({ subject: 'anybody' });
  }
}

const asked: string[] = [];
beforeEach(() => void (asked.length = 0));

interface Parts {
  readonly strategies?: readonly string[];
  /** More to mount after the routes. */
  readonly mount?: (app: Express) => void;
  readonly issuers?: readonly string[];
}

/** Plain Passport on Express, without Nest. */
async function start({
  strategies = ['portcullis'],
  mount = (app) => void app.use(refusedHandler),
  issuers = [issuer.issuer],
}: Parts = {}) {
  const authenticator = createAuthenticator({ issuer: issuers, audience: issuer.audience });
  onTestFinished(() => authenticator.verifier.close());
  const own = new passport.Passport();
  own.use(new PortcullisStrategy(authenticator));
  own.use(new OpenStrategy());
  const app = express();
  app.get('/who', own.authenticate([...strategies], { session: false }), ({ user }, response) => {
    response.json({ user, frozen: Object.isFrozen(user) });
  });
  mount(app);
  const url = await serve(app);
  return async (authorization?: string) => {
    const response = await fetch(`${url}/who`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      retryAfter: response.headers.get('retry-after'),
      text: await response.text(),
    };
  };
}

const bare = 'Bearer realm="https://api.example"';

describe('the strategy in plain Passport', () => {
  it('succeeds with the Caller', async () => {
    const get = await start();
    const token = await issuer.accessToken({ sub: 'user|7' });
    for (const _time of ['first seen', 'seen before']) {
      const { status, text } = await get(`Bearer ${token}`);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({
        user: { kind: 'user', subject: 'user|7', via: 'bearer', issuer: issuer.issuer },
        frozen: true,
      });
    }
  });

  it('keeps requests apart that are under way at once', async () => {
    const get = await start();
    const subjects = Array.from({ length: 20 }, (_, number) => `user|${number}`);
    const answers = await Promise.all(
      subjects.map(async (sub) => get(`Bearer ${await issuer.accessToken({ sub })}`)),
    );
    expect(
      answers.map(({ text }) => (JSON.parse(text) as { user: { subject: string } }).user.subject),
    ).toEqual(subjects);
  });

  it.each([
    ['no credential', undefined],
    ['a scheme nobody knows', 'Basic dTpw'],
  ])('fails with the bare challenge for %s', async (_name, authorization) => {
    const get = await start();
    expect(await get(authorization)).toMatchObject({ status: 401, challenge: bare });
  });

  it.each<[string, () => string | Promise<string>, number, string]>([
    [
      'a spoiled token',
      async () => `Bearer ${spoiled.signature(await issuer.accessToken())}`,
      401,
      'invalid_token',
    ],
    ['an expired token', async () => `Bearer ${await issuer.accessToken({ exp: 1 })}`, 401, 'invalid_token'],
    ['a malformed header', () => 'Bearer', 400, 'invalid_request'],
  ])('refuses %s as every door does', async (_name, authorization, status, error) => {
    const answer = await (await start())(await authorization());
    expect(answer).toMatchObject({ status, challenge: expect.stringContaining(`error="${error}"`) });
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'about:blank', status, code: expect.any(String) });
  });

  it('answers 503, and no challenge, when the issuer cannot be reached', async () => {
    const dead = await deadIssuer();
    const get = await start({ issuers: [issuer.issuer, dead] });
    const answer = await get(`Bearer ${await issuer.accessToken({ iss: dead })}`);
    expect(answer).toMatchObject({
      status: 503,
      challenge: null,
      retryAfter: expect.stringMatching(/^\d+$/),
    });
  });

  it('says status and challenge even where nobody mounted the handler for what is refused', async () => {
    const get = await start({ mount: (app) => void app.set('env', 'test') });
    const answer = await get(`Bearer ${await issuer.accessToken({ exp: 1 })}`);
    expect(answer).toMatchObject({ status: 401, challenge: expect.stringContaining('invalid_token') });
  });

  it('leaves what it knows nothing of to the next strategy, and what it refuses to nobody', async () => {
    const get = await start({ strategies: ['portcullis', 'open'] });
    expect((await get()).status).toBe(200);
    expect(asked).toEqual(['open']);
    expect((await get('Bearer garbage')).status).toBe(401);
    expect((await get('Bearer')).status).toBe(400);
    expect((await get(`Bearer ${await issuer.accessToken()}`)).text).toContain('user|1');
    expect(asked).toEqual(['open']);
  });

  it('leaves other errors to other handlers', async () => {
    const get = await start({
      strategies: ['missing'],
      mount: (app) => {
        app.use(refusedHandler);
        app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
          response.status(500).end('other');
        });
      },
    });
    expect(await get()).toMatchObject({ status: 500, text: 'other' });
  });

  it('takes the options themselves, and refuses those that could protect nothing', () => {
    expect(() => Reflect.construct(PortcullisStrategy, [{ issuer: issuer.issuer }])).toThrow(
      /"audience" must be set/,
    );
  });
});
