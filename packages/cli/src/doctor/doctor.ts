import { parsed, Misuse } from '../misuse.ts';
import type { Command } from '../terminal.ts';
import { readConfiguration } from './configuration.ts';
import { examine } from './examination.ts';
import type { Finding } from './finding.ts';
import { presentedToken } from './presented-token.ts';
import { printable } from './quoted.ts';
import { report } from './report.ts';

const USAGE = `portcullis doctor [options]

Says what is right and wrong with the configuration of an API, and with a token. The configuration is that of the
environment (ISSUER_URL, AUDIENCE, PROVIDER, …), with these over it:

  --issuer <url>            ISSUER_URL; several, comma-separated
  --audience <identifier>   AUDIENCE
  --provider <preset>       PROVIDER
  --jwks-uri <url>          JWKS_URI
  --token-format <format>   TOKEN_FORMAT: jwt, opaque or both
  --public-url <url>        PUBLIC_URL
  --trust-proxy <address>   TRUST_PROXY

The token comes from a file, from standard input, or from the variable PORTCULLIS_TOKEN, never from an argument, which
the shell's history would keep:

  --token-file <file>       "-" is standard input
  --json                    as JSON
  --help

Exit code: 0 nothing is wrong, 1 something is, 2 the arguments are wrong. No token and no secret is printed.
`;

const variables = {
  issuer: 'ISSUER_URL',
  audience: 'AUDIENCE',
  provider: 'PROVIDER',
  'jwks-uri': 'JWKS_URI',
  'token-format': 'TOKEN_FORMAT',
  'public-url': 'PUBLIC_URL',
  'trust-proxy': 'TRUST_PROXY',
} as const;

const options = {
  issuer: { type: 'string' },
  audience: { type: 'string' },
  provider: { type: 'string' },
  'jwks-uri': { type: 'string' },
  'token-format': { type: 'string' },
  'public-url': { type: 'string' },
  'trust-proxy': { type: 'string' },
  'token-file': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Explains a configuration against the issuer as it is now. */
export const doctor: Command = async (args, terminal) => {
  const { stdout, environment } = terminal;
  if (args.some((arg) => /^--token(=|$)/.test(arg))) throw new Misuse(NO_TOKEN_HERE);
  const { values, positionals } = parsed({ args: [...args], options, allowPositionals: true }, USAGE);
  if (values.help) {
    stdout.write(USAGE);
    return 0;
  }
  if (positionals.length > 0) throw new Misuse(NO_TOKEN_HERE);

  const flags = Object.entries(variables).flatMap(([flag, variable]) => {
    const value: unknown = Reflect.get(values, flag);
    return typeof value === 'string' ? [[variable, value] as const] : [];
  });
  const read = readConfiguration({ ...environment, ...Object.fromEntries(flags) });
  const token = await presentedToken(values['token-file'], terminal);
  const secrets = [...(token === undefined ? [] : [token]), ...read.configuration.secrets];
  const findings = (await examine(read, token)).map((finding) => safe(finding, secrets));
  const isHealthy = findings.every(({ verdict }) => verdict !== 'wrong');
  stdout.write(
    values.json
      ? `${JSON.stringify({ healthy: isHealthy, findings }, undefined, 2)}\n`
      : report(findings, stdout, token !== undefined),
  );
  return isHealthy ? 0 : 1;
};

const NO_TOKEN_HERE = `The doctor takes no such argument. A token on the command line stays in the shell's history and shows in the list of
processes: give it with --token-file <file>, with --token-file - on standard input, or in PORTCULLIS_TOKEN. If one was
typed just now, have it revoked.`;

/**
 * The last line of defence: no sentence is meant to hold a token or a secret, but an issuer may answer with one, and a
 * variable may hold one by mistake.
 */
function safe(finding: Finding, secrets: readonly string[]): Finding {
  const shown = (text: string): string =>
    printable(
      secrets
        .filter((secret) => secret.length >= 8)
        .reduce((left, secret) => left.replaceAll(secret, '[hidden]'), text)
        .replaceAll(/eyJ[\w-]{8,}(?:\.[\w-]*)*/g, '[hidden]'),
    );
  return finding.verdict === 'right'
    ? { ...finding, says: shown(finding.says) }
    : { ...finding, says: shown(finding.says), fix: shown(finding.fix) };
}
