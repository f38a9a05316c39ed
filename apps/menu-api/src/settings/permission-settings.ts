import { refuseAny, type Complaint } from '@portcullis/service';
import type { IssuerOptions } from '@portcullis/tokens';
import { join } from 'node:path';
import { z } from 'zod';
import { isTrusted, UNTRUSTED, url } from './addresses.ts';
import { each, secretsOf, wrongNumbers } from './per-issuer.ts';

const freshness = z.enum(['token', 'intersect', 'live'], 'is neither token, intersect nor live');

/** Where permissions come from, and as whom the issuer's Management API is asked. */
export const permissionShape = {
  PERMISSIONS_FROM: each(freshness).meta({ example: 'intersect' }),
  MANAGEMENT_API_URL: each(
    url.refine(isTrusted, UNTRUSTED).refine((address) => address.endsWith('/'), 'does not end in a slash'),
  ).meta({ example: 'https://login.example.com/api/v2/' }),
  MANAGEMENT_CLIENT_ID: each(z.string()).meta({ example: 'wab-menu-api' }),
  MANAGEMENT_CLIENT_SECRET: z.string().optional(),
};

type PermissionValues = z.infer<z.ZodObject<typeof permissionShape>>;

/** Of one issuer's tokens. */
export type PermissionSettings =
  | { readonly issuer: string; readonly from: 'token' }
  | {
      readonly issuer: string;
      readonly from: 'intersect' | 'live';
      /** Whose Management API it is: ours is followed, Auth0's is asked. */
      readonly provider: 'portcullis' | 'auth0';
      readonly managementApi: string;
      readonly clientId: string;
      /** Itself, or the file in which the embedded provider leaves it. */
      readonly clientSecret: { readonly text: string } | { readonly file: string };
    };

export interface Surroundings {
  /** The identifier of our own provider on this machine. */
  readonly embedded: string;
  readonly production: boolean;
  readonly dataDirectory: string;
  /** Whether ID tokens log in: they carry no permissions to ask about. */
  readonly idTokens: boolean;
}

/** As which client the API asks the embedded provider. */
const SEEDED_CLIENT = 'wab-menu-api';

/**
 * Where the permissions of each issuer's tokens come from.
 *
 * @throws StartRefused naming each variable that does not go with the others
 */
export function permissionsOf(
  values: PermissionValues,
  issuers: readonly IssuerOptions[],
  surroundings: Surroundings,
): readonly PermissionSettings[] {
  const { PERMISSIONS_FROM, MANAGEMENT_API_URL, MANAGEMENT_CLIENT_ID } = values;
  const MANAGEMENT_CLIENT_SECRET = secretsOf(values.MANAGEMENT_CLIENT_SECRET, issuers.length);
  const lists = { PERMISSIONS_FROM, MANAGEMENT_API_URL, MANAGEMENT_CLIENT_ID, MANAGEMENT_CLIENT_SECRET };
  refuseAny(wrongNumbers(lists, issuers.length));
  const read = issuers.map((issuer, place) =>
    settingsOf(
      {
        issuer: issuer.issuer,
        provider: issuer.provider ?? 'generic',
        from: PERMISSIONS_FROM[place],
        managementApi: MANAGEMENT_API_URL[place],
        clientId: MANAGEMENT_CLIENT_ID[place],
        clientSecret: MANAGEMENT_CLIENT_SECRET[place],
      },
      surroundings,
    ),
  );
  refuseAny(read.flatMap((one) => ('complaints' in one ? one.complaints : [])));
  return read.flatMap((one) => ('complaints' in one ? [] : [one]));
}

interface Given {
  readonly issuer: string;
  readonly provider: NonNullable<IssuerOptions['provider']>;
  readonly from: z.infer<typeof freshness> | undefined;
  readonly managementApi: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

interface Refused {
  readonly complaints: readonly Complaint[];
}

function settingsOf(given: Given, surroundings: Surroundings): PermissionSettings | Refused {
  const { issuer, provider } = given;
  const embedded = issuer === surroundings.embedded;
  const from = given.from ?? (embedded ? 'intersect' : 'token');
  if (from === 'token') {
    const complaints = uselessWithToken(given);
    return complaints.length > 0 ? { complaints } : { issuer, from };
  }
  if (provider !== 'portcullis' && provider !== 'auth0') return { complaints: [nobodyToAsk(from, provider)] };
  const clientId = given.clientId ?? (embedded ? SEEDED_CLIENT : undefined);
  const clientSecret = secretOf(given, embedded && !surroundings.production ? surroundings : undefined);
  const complaints = [
    ...(from === 'intersect' && provider === 'auth0' ? [WITHOUT_FEED] : []),
    ...(from === 'live' && surroundings.idTokens ? [ID_TOKENS] : []),
    ...(clientId === undefined ? [missing('MANAGEMENT_CLIENT_ID', from, SEEDED_CLIENT)] : []),
    ...(clientSecret === undefined
      ? [missing('MANAGEMENT_CLIENT_SECRET', from, '<the secret of that client>')]
      : []),
    ...(given.managementApi === undefined && !issuer.endsWith('/')
      ? [missing('MANAGEMENT_API_URL', from, `${issuer}/api/v2/`)]
      : []),
  ];
  if (complaints.length > 0 || clientId === undefined || clientSecret === undefined) return { complaints };
  return {
    issuer,
    from,
    provider,
    managementApi: given.managementApi ?? `${issuer}api/v2/`,
    clientId,
    clientSecret,
  };
}

/** @param development where the embedded provider keeps its data; undefined where no development default is taken */
function secretOf({ clientSecret }: Given, development: Pick<Surroundings, 'dataDirectory'> | undefined) {
  if (clientSecret !== undefined) return { text: clientSecret };
  if (development === undefined) return undefined;
  return { file: join(development.dataDirectory, 'identity', `${SEEDED_CLIENT}.secret`) };
}

function uselessWithToken({ managementApi, clientId, clientSecret }: Given): readonly Complaint[] {
  const given = [managementApi, clientId, clientSecret].some((value) => value !== undefined);
  const wrong =
    'is token, and MANAGEMENT_API_URL, MANAGEMENT_CLIENT_ID and _SECRET go with intersect or live alone';
  return given ? [{ variable: 'PERMISSIONS_FROM', wrong, example: 'intersect' }] : [];
}

function nobodyToAsk(from: string, provider: string): Complaint {
  const wrong = `is ${from}, and PROVIDER=${provider} has nobody to ask: intersect goes with portcullis, live with portcullis or auth0`;
  return { variable: 'PERMISSIONS_FROM', wrong, example: 'token' };
}

const WITHOUT_FEED: Complaint = {
  variable: 'PERMISSIONS_FROM',
  wrong: 'is intersect, and Auth0 tells nobody when permissions change: there they can only be asked for',
  example: 'live',
};

/** Rules of the house, 22. */
const ID_TOKENS: Complaint = {
  variable: 'FIRST_PARTY_ID_TOKENS',
  wrong:
    'is set, and PERMISSIONS_FROM is live: an ID token was issued for no permission that could be asked for',
};

function missing(variable: string, from: string, example: string): Complaint {
  return { variable, wrong: `is not set, and PERMISSIONS_FROM=${from} asks as that client`, example };
}
