import type { PermissionObserver } from '@portcullis/permissions';
import { errorCatalogue, type Authentication, type Observer } from '@portcullis/tokens';
import { Gauge, Histogram, register, type Registry } from 'prom-client';
import type { AccessEvent, AccessObserver } from '../access-event.ts';
import { Tally } from './tally.ts';

type Failure = Parameters<NonNullable<Observer['refused']>>[0];

export interface AccessMetricsOptions {
  /** Where the metrics are registered. Default: prom-client's own registry. */
  readonly registry?: Registry;
}

/** Seconds. A verification takes tens of microseconds, unless a key set is waited for. */
const VERIFICATION_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1, 5];
/** Of whatever is asked over the network. */
const INTROSPECTION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * What the doors and the verifier do, for Prometheus: pass it as both observers.
 *
 * ```ts
 * const metrics = new AccessMetrics();
 * PortcullisModule.forRoot({ issuer, audience, observer: metrics, accessObserver: metrics });
 * ```
 *
 * Labels are names of handlers, issuers that are trusted, and codes that never change: no subject, no client, no
 * address.
 *
 * @throws Error when the registry has these metrics already: one for each registry
 */
export class AccessMetrics implements AccessObserver, Observer, PermissionObserver {
  private readonly authentications: Tally;
  private readonly authorizations: Tally;
  private readonly verdictCache: Tally;
  private readonly introspections: Tally;
  private readonly keySetLoads: Tally;
  private readonly keySetAge: Gauge<'issuer'>;
  private readonly keySetSize: Gauge<'issuer'>;
  private readonly verificationTime: Histogram;
  private readonly introspectionTime: Histogram;
  private readonly changeReadings: Tally;
  private readonly changesReadAt: Gauge;
  private readonly permissionLookups: Tally;
  private readonly permissionLookupTime: Histogram;
  private readonly permissionsUncertain: Tally;

  constructor({ registry = register }: AccessMetricsOptions = {}) {
    const registers = [registry];
    this.authentications = new Tally(
      registry,
      {
        name: 'portcullis_authentications_total',
        help: 'Credentials judged by the verifier, by outcome and code',
        labelNames: ['outcome', 'code'],
      },
      (outcome, code) => ({ outcome, code }),
    );
    this.authorizations = new Tally(
      registry,
      {
        name: 'portcullis_authorizations_total',
        help: 'Decisions of the doors, by handler, outcome and code',
        labelNames: ['handler', 'outcome', 'code'],
      },
      (handler, code) => ({ handler, outcome: code === '' ? 'permitted' : 'denied', code }),
    );
    this.verdictCache = new Tally(
      registry,
      {
        name: 'portcullis_verdict_cache_total',
        help: 'Good credentials by whether the token had been verified before',
        labelNames: ['result'],
      },
      (result) => ({ result }),
    );
    this.introspections = new Tally(
      registry,
      {
        name: 'portcullis_introspections_total',
        help: 'Answers of introspection endpoints, by issuer and whether the token is active',
        labelNames: ['issuer', 'active'],
      },
      (issuer, active) => ({ issuer, active }),
    );
    this.keySetLoads = new Tally(
      registry,
      {
        name: 'portcullis_key_set_loads_total',
        help: 'Attempts to load the key set of an issuer, by outcome',
        labelNames: ['issuer', 'outcome'],
      },
      (issuer, outcome) => ({ issuer, outcome }),
    );
    this.keySetAge = new Gauge({
      name: 'portcullis_key_set_loaded_timestamp_seconds',
      help: 'When the key set of an issuer was last loaded',
      labelNames: ['issuer'],
      registers,
    });
    this.keySetSize = new Gauge({
      name: 'portcullis_key_set_keys',
      help: 'Usable keys in the key set of an issuer',
      labelNames: ['issuer'],
      registers,
    });
    this.verificationTime = new Histogram({
      name: 'portcullis_verification_seconds',
      help: 'Time to verify a credential whose token was not verified before, waiting included',
      buckets: VERIFICATION_BUCKETS,
      registers,
    });
    this.introspectionTime = new Histogram({
      name: 'portcullis_introspection_seconds',
      help: 'Time of an introspection endpoint to answer',
      buckets: INTROSPECTION_BUCKETS,
      registers,
    });
    this.changeReadings = new Tally(
      registry,
      {
        name: 'portcullis_change_feed_readings_total',
        help: 'Readings of the change feed, by outcome',
        labelNames: ['outcome'],
      },
      (outcome) => ({ outcome }),
    );
    this.changesReadAt = new Gauge({
      name: 'portcullis_change_feed_read_timestamp_seconds',
      help: 'When the change feed was last read',
      registers,
    });
    this.permissionLookups = new Tally(
      registry,
      {
        name: 'portcullis_permission_lookups_total',
        help: 'Effective permissions that were asked for, by outcome',
        labelNames: ['outcome'],
      },
      (outcome) => ({ outcome }),
    );
    this.permissionLookupTime = new Histogram({
      name: 'portcullis_permission_lookup_seconds',
      help: 'Time until effective permissions that were asked for came',
      buckets: INTROSPECTION_BUCKETS,
      registers,
    });
    this.permissionsUncertain = new Tally(
      registry,
      {
        name: 'portcullis_permissions_uncertain_total',
        help: 'Callers whose permissions could not be told for sure, by what was done',
        labelNames: ['answer'],
      },
      (answer) => ({ answer }),
    );
  }

  decided({ handler, refusal }: AccessEvent): void {
    this.authorizations.add(handler, refusal && (refusal.problem.code ?? String(refusal.status)));
  }

  verified(_authentication: Authentication, cached: boolean, milliseconds: number | undefined): void {
    this.authentications.add('verified');
    this.verdictCache.add(cached ? 'hit' : 'miss');
    if (milliseconds !== undefined) this.verificationTime.observe(milliseconds / 1000);
  }

  refused({ code }: Failure): void {
    this.authentications.add(errorCatalogue[code].status === 401 ? 'refused' : 'unavailable', code);
  }

  keysLoaded(issuer: string, keys: number): void {
    this.keySetLoads.add(issuer, 'loaded');
    this.keySetAge.set({ issuer }, Date.now() / 1000);
    this.keySetSize.set({ issuer }, keys);
  }

  keysFailed(_error: Failure, issuer: string): void {
    this.keySetLoads.add(issuer, 'failed');
  }

  introspected(issuer: string, active: boolean, milliseconds: number): void {
    this.introspections.add(issuer, String(active));
    this.introspectionTime.observe(milliseconds / 1000);
  }

  changesRead(): void {
    this.changeReadings.add('read');
    this.changesReadAt.set(Date.now() / 1000);
  }

  changesFailed(): void {
    this.changeReadings.add('failed');
  }

  lookedUp(milliseconds: number): void {
    this.permissionLookups.add('answered');
    this.permissionLookupTime.observe(milliseconds / 1000);
  }

  lookUpFailed(): void {
    this.permissionLookups.add('failed');
  }

  decidedStale(): void {
    this.permissionsUncertain.add('stale');
  }

  unknown(): void {
    this.permissionsUncertain.add('refused');
  }
}
