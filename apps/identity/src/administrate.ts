import { createLog, StartRefused, type Environment } from '@portcullis/service';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { keepAuditAppendOnly } from './audit/append-only.ts';
import { exportAudit } from './audit/audit-export.ts';
import { CheckpointKey } from './audit/checkpoint.ts';
import { AuditBroken, verifyAudit, type AuditReport } from './audit/verify-audit.ts';
import type { Actor } from './changes/actor.ts';
import { ChangeLog } from './changes/change-log.ts';
import { openDatabase, type Database } from './database/database.ts';
import { client } from './database/schema.ts';
import { keyEncryptionSecret } from './keys/key-encryption-secret.ts';
import { openKeyRing } from './keys/open-key-ring.ts';
import { Revocations } from './revocation/revocations.ts';
import { applySeed } from './seeds/apply-seed.ts';
import { describeSeed, SeedRefused } from './seeds/described-seed.ts';
import { resetSeedPasswords } from './seeds/seed.ts';
import { secretVariable } from './seeds/secret-variable.ts';
import { readSettings, type Settings } from './settings.ts';

const USAGE = `Usage: npx identity <command>

  apply <file> [--dry-run] [--prune]
                          make APIs, roles, clients and users as the file says; --prune takes away what it does not name
  audit verify            walk the chain of the audit, and compare it with its checkpoints
  audit export [--since <date>] [--after <number>] [--action <name>] [--actor <subject>] [--target <kind>[:<id>]]
                          who changed what and when, as JSON lines: --target role:menu-admin
  rotate-keys             let the next signing key take its turn
  revoke-key <kid>        withdraw a signing key at once, with every token that it signed
  reset-seed              make new passwords for the two seeded users and print them, this once

On the embedded database identity has to be stopped; on Postgres it need not be.
`;

export interface Terminal {
  readonly args?: readonly string[];
  /** Where a long answer goes, piece by piece. */
  readonly write?: (text: string) => unknown;
}

/**
 * What is done from the terminal.
 *
 * @returns what is to be printed at the end
 * @throws StartRefused with a sentence, when it cannot be done or the audit is broken
 */
export async function administrate(
  command: string | undefined,
  environment: Environment,
  { args = [], write = () => undefined }: Terminal = {},
): Promise<string> {
  const work = workOf(command, args, environment, write);
  const settings = readSettings(environment);
  const log = createLog({ name: 'identity', level: settings.logLevel });
  const database = await openDatabase(settings.directory, { url: settings.databaseUrl, log });
  try {
    const { db } = database;
    const changes = new ChangeLog(db, { longestToken: settings.accessTokenTtl });
    await changes.open();
    await keepAuditAppendOnly(db);
    const secret = keyEncryptionSecret(settings);
    const keys = () => openKeyRing({ settings, secret, db, changes, log });
    return await work({ settings, secret, db, changes, keys });
  } finally {
    await database.close();
  }
}

interface Opened {
  readonly settings: Settings;
  readonly secret: string;
  readonly db: Database;
  readonly changes: ChangeLog;
  readonly keys: () => ReturnType<typeof openKeyRing>;
}

type Work = (opened: Opened) => Promise<string>;

/** Judges the command line before anything is opened. */
function workOf(
  command: string | undefined,
  args: readonly string[],
  environment: Environment,
  write: (text: string) => unknown,
): Work {
  const [first, ...rest] = args;
  switch (command) {
    case 'reset-seed':
      return async ({ db, changes }) =>
        (await resetSeedPasswords(changes, new Revocations(db, changes), terminal())).join('\n');
    case 'rotate-keys':
      return rotateKeys;
    case 'revoke-key':
      if (first === undefined) throw new StartRefused('Which key? Example: npx identity revoke-key <kid>');
      return async (opened) => {
        if (await (await opened.keys()).revoke(terminal(), first)) return `Withdrawn: ${first}`;
        throw new StartRefused(`There is no signing key ${first}.`);
      };
    case 'apply':
      return apply(args, environment);
    case 'audit':
      if (first === 'verify') return verify;
      if (first === 'export') return exporting(rest, write);
  }
  throw new StartRefused(USAGE);
}

async function rotateKeys({ keys }: Opened): Promise<string> {
  const ring = await keys();
  const kid = await ring.rotate(terminal());
  const from = (await ring.all()).find((key) => key.kid === kid)?.signsFrom;
  const waits = from !== undefined && from !== null && from.getTime() > Date.now();
  return waits
    ? `The next signing key: ${kid}, from ${from.toISOString()} on; until then it is published alone.`
    : `The signing key is now: ${kid}`;
}

function apply(args: readonly string[], environment: Environment): Work {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { 'dry-run': { type: 'boolean' }, prune: { type: 'boolean' } },
    }),
  );
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new StartRefused('Which file? Example: npx identity apply seed.yaml --dry-run');
  const dryRun = values['dry-run'] ?? false;
  return async ({ db, changes }) => {
    const described = await describeSeed(file);
    if ((await db.$count(client)) === 0)
      throw new StartRefused(
        'This database is empty: start identity on it once, which makes the seeds, and apply then.',
      );
    try {
      const differences = await applySeed(db, changes, described.seed, {
        actor: terminal(`apply ${file}`),
        dryRun,
        prune: values.prune ?? false,
        secret: (variable) => secretVariable(variable, environment),
      });
      if (differences.length === 0) return 'Everything is as the file says.';
      const end = dryRun ? 'Nothing was changed: this was a dry run.' : `Changed: ${differences.length}.`;
      return [...differences.map(({ sign, what }) => `${sign} ${what}`), end].join('\n');
    } catch (error) {
      throw error instanceof SeedRefused ? described.refusal(error) : error;
    }
  };
}

async function verify({ settings, secret, db }: Opened): Promise<string> {
  const { file } = settings.auditAnchor;
  const secrets = [secret, settings.formerKeyEncryptionSecret ?? []].flat();
  try {
    return sentenceOf(await verifyAudit(db, { file, keys: secrets.map((one) => new CheckpointKey(one)) }));
  } catch (error) {
    throw error instanceof AuditBroken ? new StartRefused(error.message) : error;
  }
}

function sentenceOf({ entries, last, checkpoints }: AuditReport): string {
  const chain = `The audit is whole: ${entries} entries${last ? `, the last of ${last.toISOString()}` : ''}.`;
  if (checkpoints === undefined)
    return `${chain} AUDIT_ANCHOR_FILE is not set, so nobody can tell whether its end was cut off, or all of it rewritten.`;
  return `${chain} It agrees with ${checkpoints.count} checkpoints, the last at entry ${checkpoints.last}.`;
}

function exporting(args: readonly string[], write: (text: string) => unknown): Work {
  const text = { type: 'string' } as const;
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: { since: text, after: text, action: text, actor: text, target: text },
    }),
  );
  const since = values.since === undefined ? undefined : new Date(values.since);
  if (since !== undefined && Number.isNaN(since.getTime()))
    throw new StartRefused('--since is no date. Example: --since 2026-11-01 or --since 2026-11-01T12:00:00Z');
  if (values.after !== undefined && !/^\d{1,15}$/.test(values.after))
    throw new StartRefused('--after is no number of an entry. Example: --after 1200');
  const [kind, ...id] = values.target?.split(':') ?? [];
  return async ({ db }) => {
    const lines = exportAudit(db, {
      since,
      after: values.after === undefined ? undefined : Number(values.after),
      action: values.action,
      actor: values.actor,
      target: kind === undefined ? undefined : { kind, id: id.join(':') || undefined },
    });
    for await (const line of lines) await write(line);
    return '';
  };
}

/** @throws StartRefused with what is wrong with the command line, and how it is used */
function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    throw new StartRefused(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`, {
      cause,
    });
  }
}

/** Whoever has a shell here; the account tells who that was. */
function terminal(reason?: string): Actor {
  return { subject: 'terminal', address: account(), reason };
}

function account(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
