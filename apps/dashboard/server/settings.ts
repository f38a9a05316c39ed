import {
  isLoopback,
  logLevel,
  port,
  readEnvironment,
  StartRefused,
  type Environment,
} from '@portcullis/service';
import { z } from 'zod';

export interface DashboardSettings {
  readonly host: string;
  readonly port: number;
  /** The dashboard's own origin: the one that the issuer and the API know. */
  readonly publicUrl: string;
  /** Issuer identifier, with its trailing slash. */
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly audience: string;
  /** Origin of the menu API. */
  readonly apiUrl: string;
  readonly logLevel: string;
}

/**
 * Reads the variables once, at start.
 *
 * @throws StartRefused naming the variable that cannot be used
 */
export function readSettings(environment: Environment): DashboardSettings {
  const values = readEnvironment(
    {
      HOST: z.string().default('localhost').meta({ example: 'localhost' }),
      DASHBOARD_PORT: port().default(4040).meta({ example: '4040' }),
      DASHBOARD_URL: z.string().optional(),
      ISSUER_URL: z.string().optional(),
      IDENTITY_PORT: port().default(4000).meta({ example: '4000' }),
      OIDC_DASHBOARD_CLIENT_ID: z.string().default('wab-dashboard'),
      AUDIENCE: z.string().default('https://menu-api.example.com'),
      API_URL: z.string().optional(),
      PORT: port().default(7000).meta({ example: '7000' }),
      LOG_LEVEL: logLevel(),
      NODE_ENV: z.string().optional(),
    },
    environment,
  );
  const exposed = values.NODE_ENV === 'production' || !isLoopback(values.HOST);
  // The API may trust several issuers; people sign in to the dashboard at the first.
  const firstIssuer = values.ISSUER_URL?.split(',')[0]?.trim();
  const issuer = usableUrl('ISSUER_URL', firstIssuer || `http://localhost:${values.IDENTITY_PORT}/`, exposed);
  const api = usableUrl('API_URL', values.API_URL ?? `http://localhost:${values.PORT}`, exposed);
  const own = usableUrl(
    'DASHBOARD_URL',
    values.DASHBOARD_URL ?? `http://localhost:${values.DASHBOARD_PORT}`,
    exposed,
  );
  return {
    host: values.HOST,
    port: values.DASHBOARD_PORT,
    publicUrl: own.origin,
    issuerUrl: issuer.href.endsWith('/') ? issuer.href : `${issuer.href}/`,
    clientId: values.OIDC_DASHBOARD_CLIENT_ID,
    audience: values.AUDIENCE,
    apiUrl: api.href.replace(/\/$/, ''),
    logLevel: values.LOG_LEVEL,
  };
}

/** Plain http is for loopback in development; whatever others can reach needs https. */
function usableUrl(variable: string, value: string, exposed: boolean): URL {
  const example = `Example: ${variable}=https://${EXAMPLE_HOSTS[variable] ?? 'menu.example.com'}`;
  const url = URL.parse(value);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new StartRefused(`${variable} is not an http or https address. ${example}`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new StartRefused(`${variable} may hold no user, query or fragment. ${example}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new StartRefused(`${variable} uses plain http off this machine. Only loopback may. ${example}`);
  }
  if (url.protocol === 'http:' && exposed) {
    throw new StartRefused(
      `${variable} uses plain http, which NODE_ENV=production and a HOST beyond loopback refuse. ${example}`,
    );
  }
  return url;
}

const EXAMPLE_HOSTS: Readonly<Record<string, string>> = {
  ISSUER_URL: 'id.example.com/',
  API_URL: 'api.example.com',
  DASHBOARD_URL: 'menu.example.com',
};
