import { Body, Controller, Get, Post } from '@nestjs/common';
import {
  Authenticated,
  CurrentCaller,
  OptionalAuthentication,
  Public,
  RecentLogin,
  RequireAnyPermission,
  RequirePermissions,
  type Caller,
} from '@portcullis/nest';
import { spoiled, type DpopClient, type TestIssuer } from '@portcullis/testing';
import type { Answer, Sent } from './exchange.ts';

/** Handlers that ran. Who was refused is not here. */
export const reached: string[] = [];

function answered(handler: string, caller: Caller | undefined, body?: unknown): unknown {
  reached.push(handler);
  const { kind, subject, via, permissions = [] } = caller ?? {};
  return { caller: caller ? { kind, subject, via, permissions: [...permissions] } : 'nobody', body };
}

@Controller()
export class KitchenController {
  @Get('public') @Public() open(@CurrentCaller({ optional: true }) caller: Caller | undefined) {
    return answered('public', caller);
  }
  @Get('optional') @OptionalAuthentication() optional(
    @CurrentCaller({ optional: true }) caller: Caller | undefined,
  ) {
    return answered('optional', caller);
  }
  @Get('mine') @Authenticated() mine(@CurrentCaller() caller: Caller) {
    return answered('mine', caller);
  }
  @Get('machines') @Authenticated({ kind: 'machine' }) machines(@CurrentCaller() caller: Caller) {
    return answered('machines', caller);
  }
  @Get('both') @RequirePermissions('a:b', 'c:d') both(@CurrentCaller() caller: Caller) {
    return answered('both', caller);
  }
  @Get('either') @RequireAnyPermission('a:b', 'c:d') either(@CurrentCaller() caller: Caller) {
    return answered('either', caller);
  }
  @Get('recent') @RecentLogin(60) recent(@CurrentCaller() caller: Caller) {
    return answered('recent', caller);
  }
  @Post('items') @RequirePermissions('a:b') create(@CurrentCaller() caller: Caller, @Body() body: unknown) {
    return answered('items', caller, body);
  }
}

/** With what requests are made. */
export interface Given {
  readonly issuer: TestIssuer;
  /** Trusted, and out of reach. */
  readonly dead: TestIssuer;
  readonly client: DpopClient;
}

export const publicUrl = 'https://menu-api.example.com';

export interface Behaviour {
  readonly title: string;
  readonly request: (given: Given) => Sent | Promise<Sent>;
  /** The whole answer, and nothing that is not in it. */
  readonly answer: Answer;
  /** The handler that ran; undefined when none did. */
  readonly handler: string | undefined;
}

type Claims = Readonly<Record<string, unknown>>;
type Fields = NonNullable<Sent['fields']>;

const now = (): number => Math.floor(Date.now() / 1000);

const authorization = (value: string): Fields => [['Authorization', value]];

/** A request by somebody whose token is good but for what `claims` say. */
const by =
  (target: string, claims: Claims = {}, more: Partial<Sent> = {}): Behaviour['request'] =>
  async ({ issuer }) => ({
    target,
    fields: authorization(`Bearer ${await issuer.accessToken({ ...claims })}`),
    ...more,
  });

const bearing =
  (target: string, token: (given: Given) => string | Promise<string>): Behaviour['request'] =>
  async (given) => ({ target, fields: authorization(`Bearer ${await token(given)}`) });

const sending =
  (target: string, ...fields: Fields): Behaviour['request'] =>
  () => ({ target, fields });

/** A request with a bound token and this proof for it. */
const proved =
  (proof: (given: Given, token: string) => string): Behaviour['request'] =>
  async (given) => {
    const token = await given.issuer.accessToken({ cnf: { jkt: given.client.jkt } });
    const fields = [...authorization(`DPoP ${token}`), ['DPoP', proof(given, token)] as const];
    return { target: '/mine', fields };
  };

const proofOf = ({ client }: Given, token: string, path = '/mine'): string =>
  client.proof({ method: 'GET', url: `${publicUrl}${path}`, token });

interface Whom {
  readonly kind?: string;
  readonly via?: string;
  readonly permissions?: readonly string[];
}

const USER: Whom = {};
const MACHINE: Whom = { kind: 'machine' };

function passes(handler: string, whom: Whom | 'nobody', more: Partial<Answer> & { sent?: unknown } = {}) {
  const { sent, ...answer } = more;
  const { kind = 'user', via = 'bearer', permissions = [] } = whom === 'nobody' ? {} : whom;
  const caller =
    whom === 'nobody'
      ? 'nobody'
      : { kind, subject: kind === 'machine' ? 'test-client' : 'user|1', via, permissions };
  return {
    handler,
    answer: {
      status: 200,
      'content-type': 'application/json; charset=utf-8',
      body: sent === undefined ? { caller } : { caller, body: sent },
      ...answer,
    },
  };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

/** A problem (RFC 9457), with a challenge where one belongs. */
function refuses(
  status: number,
  detail: string,
  extension: Readonly<Record<string, unknown>>,
  headers: Partial<Answer> = {},
): Pick<Behaviour, 'answer' | 'handler'> {
  const about = { type: 'about:blank', title: TITLES[status], status, detail };
  return {
    handler: undefined,
    answer: {
      status,
      'cache-control': 'no-store',
      'content-type': 'application/problem+json; charset=utf-8',
      ...headers,
      body: { ...about, message: detail, statusCode: status, ...extension },
    },
  };
}

const REALM = 'realm="https://api.example"';
const ALGORITHMS = 'algs="ES256 EdDSA"';

/** What went wrong is told in the challenge of the scheme that was used. */
const bearerWrong = (wrong: string): Partial<Answer> => ({
  'www-authenticate': `Bearer ${REALM}, ${wrong}, DPoP ${REALM}, ${ALGORITHMS}`,
});
const dpopWrong = (wrong: string): Partial<Answer> => ({
  'www-authenticate': `Bearer ${REALM}, DPoP ${REALM}, ${wrong}, ${ALGORITHMS}`,
});

const noCredential = refuses(
  401,
  'this needs an access token: send "Authorization: Bearer <token>"',
  { code: 'ERR_NO_CREDENTIAL' },
  { 'www-authenticate': `Bearer ${REALM}, DPoP ${REALM}, ${ALGORITHMS}` },
);

/** RFC 6750, 3: no quote within a quoted value. */
const quotable = (detail: string): string => detail.replaceAll('"', "'");

const malformedRequest = (detail: string) =>
  refuses(
    400,
    detail,
    { code: 'ERR_CREDENTIAL_REQUEST' },
    bearerWrong(`error="invalid_request", error_description="${quotable(detail)}"`),
  );

const badToken = (code: string, detail: string, told = bearerWrong, error = 'invalid_token') =>
  refuses(401, detail, { code }, told(`error="${error}", error_description="${quotable(detail)}"`));

const lacks = (detail: string, missing: readonly string[], scope = '') =>
  refuses(
    403,
    detail,
    { code: 'ERR_INSUFFICIENT_PERMISSIONS', missingPermissions: missing },
    bearerWrong(`error="insufficient_scope"${scope}`),
  );

const wrongKind = (kind: string) =>
  refuses(
    403,
    `this is for a ${kind}`,
    { code: 'ERR_CALLER_KIND' },
    bearerWrong('error="insufficient_scope"'),
  );

const unavailable = refuses(
  503,
  'the issuer of this token cannot be reached, so the token cannot be checked; try again later',
  { code: 'ERR_ISSUER_UNAVAILABLE' },
  { 'retry-after': 'seconds' },
);

const nothingHere = refuses(404, 'there is nothing at this address', {});

const withoutBody = ({ answer, handler }: Pick<Behaviour, 'answer' | 'handler'>) => ({
  handler,
  answer: { ...answer, body: '' },
});

/** Every kind of request and its whole answer, whatever the door and the adapter. */
export const behaviours: readonly Behaviour[] = [
  // No credential
  { title: 'no credential', request: sending('/mine'), ...noCredential },
  {
    title: 'a scheme nobody knows',
    request: sending('/mine', ['Authorization', 'Basic dTpw']),
    ...noCredential,
  },
  // RFC 9700, 4.3.2
  { title: 'a token in the query alone', request: sending('/mine?access_token=x'), ...noCredential },

  // A request that is malformed
  {
    title: 'a header without a scheme',
    request: sending('/mine', ['Authorization', '"token"']),
    ...malformedRequest('the Authorization header names no scheme: send "Bearer <token>"'),
  },
  {
    title: 'Bearer without a token',
    request: sending('/mine', ['Authorization', 'Bearer']),
    ...malformedRequest('the Authorization header is not "Bearer <token>"'),
  },
  {
    title: 'Bearer with two tokens',
    request: sending('/mine', ['Authorization', 'Bearer a.b.c d.e.f']),
    ...malformedRequest('the Authorization header is not "Bearer <token>"'),
  },
  {
    title: 'two Authorization headers, both good',
    request: async ({ issuer }) => {
      const [field = ['', '']] = authorization(`Bearer ${await issuer.accessToken()}`);
      return { target: '/mine', fields: [field, field] };
    },
    ...malformedRequest('the request has two Authorization headers: send one'),
  },
  {
    title: 'a token in the header and one in the query',
    request: by('/mine?access_token=x'),
    ...malformedRequest('the request carries a token in its header and in its query: send one'),
  },

  // A token that is not good
  {
    title: 'garbage',
    request: bearing('/mine', () => 'garbage'),
    ...badToken('ERR_TOKEN_MALFORMED', 'the access token is malformed: it does not have three parts'),
  },
  {
    title: 'an expired token',
    request: by('/mine', { exp: 1 }),
    ...badToken('ERR_TOKEN_EXPIRED', 'the access token is past its "exp" claim'),
  },
  {
    title: 'a token for another API',
    request: by('/mine', { aud: 'https://other.example' }),
    ...badToken(
      'ERR_AUDIENCE_MISMATCH',
      'the access token was not issued for this API: its "aud" claim does not name it',
    ),
  },
  {
    title: 'an ID token',
    request: bearing('/mine', ({ issuer }) => issuer.idToken()),
    ...badToken('ERR_TOKEN_KIND_REFUSED', 'this is an ID token; send an access token for this API instead'),
  },
  {
    title: 'a token of an issuer nobody trusts',
    request: by('/mine', { iss: 'https://evil.example/' }),
    ...badToken('ERR_TOKEN_UNTRUSTED', `the access token's "iss" claim names no configured issuer`),
  },
  {
    title: 'a spoiled signature',
    request: bearing('/mine', async ({ issuer }) => spoiled.signature(await issuer.accessToken())),
    ...badToken('ERR_SIGNATURE_INVALID', "the access token's signature does not verify"),
  },
  {
    title: 'alg none',
    request: bearing('/mine', async ({ issuer }) => spoiled.none(await issuer.accessToken())),
    ...badToken('ERR_TOKEN_MALFORMED', 'the access token is malformed: it has no signature'),
  },

  // Tokens that are bound to a key
  { title: 'a bound token with its proof', request: proved(proofOf), ...passes('mine', { via: 'dpop' }) },
  {
    title: 'a bound token as a bearer',
    request: bearing('/mine', ({ issuer, client }) => issuer.accessToken({ cnf: { jkt: client.jkt } })),
    ...badToken(
      'ERR_BINDING_REFUSED',
      'the access token is bound to a DPoP key: send it under the DPoP scheme, with a proof',
    ),
  },
  {
    title: 'a bound token with a proof for another address',
    request: proved((given, token) => proofOf(given, token, '/both')),
    ...badToken(
      'ERR_DPOP_PROOF_INVALID',
      'the DPoP proof is for another URL: its "htu" claim is not that of the request',
      dpopWrong,
      'invalid_dpop_proof',
    ),
  },
  {
    title: 'an unbound token under DPoP',
    request: async (given) => {
      const token = await given.issuer.accessToken();
      const fields = [...authorization(`DPoP ${token}`), ['DPoP', proofOf(given, token)] as const];
      return { target: '/mine', fields };
    },
    ...badToken(
      'ERR_BINDING_REFUSED',
      'the access token is not bound to a DPoP key: send it as a Bearer token',
      dpopWrong,
    ),
  },

  // Who may
  { title: 'a user where one is asked for', request: by('/mine'), ...passes('mine', USER) },
  {
    title: 'a machine where a user is asked for',
    request: by('/mine', { sub: 'test-client' }),
    ...wrongKind('user'),
  },
  {
    title: 'a machine where one is asked for',
    request: by('/machines', { sub: 'test-client' }),
    ...passes('machines', MACHINE),
  },
  { title: 'a user where a machine is asked for', request: by('/machines'), ...wrongKind('machine') },
  {
    title: 'all permissions',
    request: by('/both', { permissions: ['a:b', 'c:d'] }),
    ...passes('both', { permissions: ['a:b', 'c:d'] }),
  },
  {
    title: 'one permission of two',
    request: by('/both', { permissions: ['a:b'] }),
    ...lacks('this needs the permission c:d', ['c:d']),
  },
  {
    title: 'a permission that the client did not ask for',
    request: by('/both', { permissions: ['a:b', 'c:d'], scope: 'a:b' }),
    ...lacks('this needs the permission c:d', ['c:d'], ', scope="a:b c:d"'),
  },
  {
    title: 'a machine with the permissions',
    request: by('/both', { sub: 'test-client', permissions: ['a:b', 'c:d'] }),
    ...passes('both', { ...MACHINE, permissions: ['a:b', 'c:d'] }),
  },
  {
    title: 'any permission',
    request: by('/either', { permissions: ['c:d'] }),
    ...passes('either', { permissions: ['c:d'] }),
  },
  {
    title: 'none of the permissions',
    request: by('/either'),
    ...lacks('this needs one of the permissions a:b, c:d', ['a:b', 'c:d']),
  },
  {
    title: 'a login that is recent',
    request: (given) => by('/recent', { auth_time: now() })(given),
    ...passes('recent', USER),
  },
  {
    title: 'a login that is too old',
    request: (given) => by('/recent', { auth_time: now() - 90 })(given),
    ...refuses(
      401,
      'this needs a login within the last 60 seconds',
      { code: 'ERR_LOGIN_TOO_OLD' },
      bearerWrong(
        'error="insufficient_user_authentication", error_description="a more recent login is required", max_age="60"',
      ),
    ),
  },
  {
    title: 'a machine where a recent login is asked for',
    request: (given) => by('/recent', { sub: 'test-client', auth_time: now() })(given),
    ...wrongKind('user'),
  },

  // Optional authentication
  { title: 'nobody where anybody may', request: sending('/optional'), ...passes('optional', 'nobody') },
  { title: 'a user where anybody may', request: by('/optional'), ...passes('optional', USER) },
  {
    title: 'a machine where anybody may',
    request: by('/optional', { sub: 'test-client' }),
    ...passes('optional', MACHINE),
  },
  {
    title: 'an expired token where anybody may',
    request: by('/optional', { exp: 1 }),
    ...badToken('ERR_TOKEN_EXPIRED', 'the access token is past its "exp" claim'),
  },
  {
    title: 'Bearer without a token where anybody may',
    request: sending('/optional', ['Authorization', 'Bearer']),
    ...malformedRequest('the Authorization header is not "Bearer <token>"'),
  },
  {
    title: 'a token of a dead issuer where anybody may',
    request: bearing('/optional', ({ dead }) => dead.accessToken()),
    ...unavailable,
  },

  // Public routes look at no credential
  { title: 'nobody on a public route', request: sending('/public'), ...passes('public', 'nobody') },
  { title: 'a user on a public route', request: by('/public'), ...passes('public', 'nobody') },
  {
    title: 'an expired token on a public route',
    request: by('/public', { exp: 1 }),
    ...passes('public', 'nobody'),
  },
  {
    title: 'a broken header on a public route',
    request: sending('/public', ['Authorization', '"']),
    ...passes('public', 'nobody'),
  },
  {
    title: 'a token of a dead issuer on a public route',
    request: bearing('/public', ({ dead }) => dead.accessToken()),
    ...passes('public', 'nobody'),
  },

  // Nothing can be said now
  {
    title: 'a token of a dead issuer',
    request: bearing('/mine', ({ dead }) => dead.accessToken()),
    ...unavailable,
  },

  // The body comes last
  {
    title: 'a body, from who may',
    request: by('/items', { permissions: ['a:b'] }, { method: 'POST', body: '{"name":"soup"}' }),
    ...passes('items', { permissions: ['a:b'] }, { status: 201, sent: { name: 'soup' } }),
  },
  {
    title: 'a broken body, from who may',
    request: by('/items', { permissions: ['a:b'] }, { method: 'POST', body: '{"name":' }),
    ...refuses(400, 'the body is not JSON: the text is not valid JSON', {}),
  },
  {
    title: 'a broken body, from nobody',
    request: () => ({ target: '/items', method: 'POST', body: '{"name":' }),
    ...noCredential,
  },
  {
    title: 'a body that never comes, from nobody',
    request: () => ({ target: '/items', method: 'POST', withheld: 60_000 }),
    ...noCredential,
  },
  {
    title: 'a body that never comes, from who may not',
    request: by('/items', {}, { method: 'POST', withheld: 60_000 }),
    ...lacks('this needs the permission a:b', ['a:b']),
  },

  // Methods and addresses
  {
    title: 'HEAD, from nobody',
    request: () => ({ method: 'HEAD', target: '/mine' }),
    ...withoutBody(noCredential),
  },
  {
    title: 'HEAD, from a user',
    request: by('/mine', {}, { method: 'HEAD' }),
    ...withoutBody(passes('mine', USER)),
  },
  { title: 'OPTIONS', request: () => ({ method: 'OPTIONS', target: '/mine' }), ...nothingHere },
  { title: 'a method that is not there', request: by('/mine', {}, { method: 'DELETE' }), ...nothingHere },
  { title: 'an address that is not there, from nobody', request: sending('/nowhere'), ...nothingHere },
  { title: 'an address that is not there, from a user', request: by('/nowhere'), ...nothingHere },
];
