import type { ServerName } from './server-process.ts';

/** What a comparison is about: which of two servers, in which number, and what is asked of it. */
export interface Target {
  readonly metric: 'rate' | 'perCpu' | 'startCpu' | 'p99' | 'resident' | 'started';
  readonly of: ServerName;
  readonly against: ServerName;
  /** The ratio, or for resident memory the difference in MB. */
  readonly least?: number;
  readonly most?: number;
}

export interface Scenario {
  readonly name: string;
  readonly algorithm: 'RS256' | 'ES256' | 'EdDSA';
  /** Whether the measured tokens were all seen before, or none of them. */
  readonly tokens: 'seen' | 'new';
  readonly servers: readonly ServerName[];
  readonly targets: readonly Target[];
}

const OURS = 'portcullis';
const PASSPORT_DOOR = 'portcullis-passport';

/** The numbers are those of the issue that asked for this package. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'hot',
    algorithm: 'RS256',
    tokens: 'seen',
    servers: ['no-guard', 'yes-guard', 'cache-guard', OURS],
    targets: [
      { metric: 'rate', of: OURS, against: 'yes-guard', least: 0.9 },
      { metric: 'perCpu', of: OURS, against: 'yes-guard' },
      { metric: 'p99', of: OURS, against: 'yes-guard', most: 1.3 },
      { metric: 'resident', of: OURS, against: 'no-guard', most: 15 },
      { metric: 'started', of: OURS, against: 'no-guard', most: 1.15 },
      { metric: 'startCpu', of: OURS, against: 'no-guard' },
      { metric: 'rate', of: 'yes-guard', against: 'no-guard' },
      { metric: 'rate', of: 'cache-guard', against: 'no-guard' },
      { metric: 'rate', of: OURS, against: 'no-guard' },
    ],
  },
  {
    name: 'passport',
    algorithm: 'RS256',
    tokens: 'seen',
    servers: ['passport-yes', PASSPORT_DOOR],
    targets: [
      { metric: 'rate', of: PASSPORT_DOOR, against: 'passport-yes', least: 1 },
      { metric: 'perCpu', of: PASSPORT_DOOR, against: 'passport-yes', least: 1 },
      { metric: 'p99', of: PASSPORT_DOOR, against: 'passport-yes' },
      { metric: 'resident', of: PASSPORT_DOOR, against: 'passport-yes' },
    ],
  },
  {
    name: 'cold-rs256',
    algorithm: 'RS256',
    tokens: 'new',
    servers: ['no-guard', 'jose-guard', 'passport-jwt', OURS],
    targets: [
      { metric: 'rate', of: OURS, against: 'jose-guard', least: 1.4 },
      { metric: 'perCpu', of: OURS, against: 'jose-guard' },
      { metric: 'rate', of: OURS, against: 'passport-jwt', least: 7 },
      { metric: 'resident', of: OURS, against: 'no-guard', most: 30 },
      { metric: 'rate', of: 'jose-guard', against: 'no-guard' },
      { metric: 'rate', of: 'passport-jwt', against: 'no-guard' },
    ],
  },
  ...(['ES256', 'EdDSA'] as const).map((algorithm): Scenario => ({
    name: `cold-${algorithm.toLowerCase()}`,
    algorithm,
    tokens: 'new',
    servers: ['jose-guard', OURS],
    targets: [{ metric: 'rate', of: OURS, against: 'jose-guard', least: 1.2 }],
  })),
];
