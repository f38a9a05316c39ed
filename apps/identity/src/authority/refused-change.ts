/** A change that is not made, told to whoever wanted it. */
export abstract class RefusedChange extends Error {
  /** HTTP status. */
  abstract readonly status: number;
  /** For programs. */
  abstract readonly code: string;
}

const NAMES = {
  user: 'user',
  role: 'role',
  resource_server: 'resource server',
  client: 'client',
  client_grant: 'client grant',
  grant: 'grant',
  device_credential: 'device credential',
  refresh_token: 'refresh token',
  session: 'session',
  signing_key: 'signing key',
  log: 'log entry',
} as const;

/** What is named is not there. */
export class Absent extends RefusedChange {
  readonly status = 404;
  readonly code: string;

  constructor(what: keyof typeof NAMES) {
    super(`The ${NAMES[what]} does not exist.`);
    this.code = `inexistent_${what}`;
  }
}

/** It is there already. */
export class Taken extends RefusedChange {
  readonly status = 409;
  readonly code = 'conflict';
}

/** It would not make sense, whoever asks. */
export class Unfit extends RefusedChange {
  readonly status = 400;
  readonly code = 'invalid_body';
}

/** It would raise, or touch, an authority that the one who asks does not have. */
export class BeyondReach extends RefusedChange {
  readonly status = 403;
  readonly code = 'beyond_reach';
}

/** Nobody could administrate any more. */
export class LastAdministrator extends RefusedChange {
  readonly status = 409;
  readonly code = 'last_administrator';

  constructor() {
    super('This would leave no administrator: give somebody else all permissions of this API first.');
  }
}
