import { z } from 'zod';

/** What a scope may be made of (RFC 6749, 3.3). */
const permission = z
  .string()
  .max(280)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'has a character that no permission may have, such as a space');
const identifier = z.string().min(1).max(600).regex(/^\S+$/, 'has a space in it');
const text = z.string().trim().min(1, 'is empty').max(1000);
const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of a variable, such as ORDERS_SECRET');
const origin = z
  .url({ protocol: /^https?$/, error: 'is not an http address' })
  .refine(
    (uri) => !URL.canParse(uri) || new URL(uri).origin === uri,
    'is not an origin: leave out the path and the slash at its end',
  );
const uri = z
  .url('is not an absolute address')
  .refine((value) => !value.includes('#'), 'has a fragment, which no redirect may have')
  .refine(isSafe, 'is plain http off loopback: use https');

/** By API, what of it. */
const permissionsByApi = z.record(identifier, z.array(permission));

const api = z.strictObject({
  identifier,
  name: text.optional(),
  /** Each with what it lets somebody do, in words for a consent page. */
  permissions: z.record(permission, text).optional(),
  aliases: z.array(identifier).optional(),
  /** Off: tokens carry no `permissions`. */
  enforcePolicies: z.boolean().optional(),
  tokenDialect: z
    .enum(['access_token', 'access_token_authz', 'rfc9068_profile', 'rfc9068_profile_authz'])
    .optional(),
  /** Seconds. */
  tokenLifetime: z.int().min(1).max(86_400).optional(),
  allowOfflineAccess: z.boolean().optional(),
});

const role = z.strictObject({
  name: text,
  description: text.optional(),
  permissions: permissionsByApi.optional(),
});

const client = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,100}$/, 'is not made of letters, digits, "-", "_" and "." alone'),
  name: text.optional(),
  kind: z.enum(['browser', 'confidential', 'native', 'machine']).optional(),
  /** Third-party clients (false) ask for consent. */
  firstParty: z.boolean().optional(),
  auth0Dialect: z.boolean().optional(),
  enabled: z.boolean().optional(),
  grantTypes: z.array(z.string()).min(1).optional(),
  redirectUris: z.array(uri).optional(),
  logoutUris: z.array(uri).optional(),
  origins: z.array(origin).optional(),
  backchannelLogoutUri: uri.optional(),
  /** The variable that holds the secret (or, with `_FILE`, names the file that does). */
  secretFrom: variable.optional(),
  /** What it may be given at most. */
  grants: permissionsByApi.optional(),
});

const user = z.strictObject({
  email: z.email('is not an address').transform((address) => address.toLowerCase()),
  name: text.optional(),
  blocked: z.boolean().optional(),
  /** The variable that holds the first password. Whoever is there already keeps theirs. */
  passwordFrom: variable.optional(),
  roles: z.array(text).optional(),
  /** Directly, beside those of the roles. */
  permissions: permissionsByApi.optional(),
});

export const seedFile = z.strictObject({
  apis: z.array(api).optional(),
  roles: z.array(role).optional(),
  clients: z.array(client).optional(),
  users: z.array(user).optional(),
});

/** APIs, roles, clients and users as they are to be. What is left out is left alone. */
export type SeedFile = z.infer<typeof seedFile>;
export type SeededApi = z.infer<typeof api>;
export type SeededRole = z.infer<typeof role>;
export type SeededClient = z.infer<typeof client>;
export type SeededUser = z.infer<typeof user>;
export type PermissionsByApi = z.infer<typeof permissionsByApi>;

function isSafe(value: string): boolean {
  if (!URL.canParse(value)) return true;
  const { protocol, hostname } = new URL(value);
  return protocol !== 'http:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
