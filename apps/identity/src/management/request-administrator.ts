import {
  createParamDecorator,
  Inject,
  Injectable,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import {
  authorize,
  callerOf,
  callerRule,
  type Authenticator,
  type Caller,
  type Refusals,
} from '@portcullis/http';
import { AUTHENTICATOR, RefusedException } from '@portcullis/nest';
import type { FastifyRequest } from 'fastify';
import type { Administrator } from '../authority/administrator.ts';
import { permissionsOfParty } from '../authority/held-permissions.ts';
import { Reach } from '../authority/reach.ts';
import type { Actor } from '../changes/actor.ts';
import type { Database } from '../database/database.ts';
import { holds } from './management-permissions.ts';

/** Seconds since the login of whoever gives authority to others. */
const RECENT = 600;
const RECENT_LOGIN = callerRule({ maxLoginAge: RECENT });
const UNATTENDED = callerRule({ allOf: ['administer:unattended'] });

/** The caller of this request. */
class RequestAdministrator implements Administrator {
  readonly actor: Actor;
  readonly #caller: Caller;
  readonly #refusals: Refusals;

  constructor(caller: Caller, { id, ip }: FastifyRequest, refusals: Refusals) {
    const { subject, client } = caller;
    this.actor = { subject, client, requestId: id, address: ip };
    this.#caller = caller;
    this.#refusals = refusals;
  }

  /** No permission to administrate counts beyond what this very token was issued for. */
  async reach(tx: Database): Promise<Reach> {
    const held = await permissionsOfParty(tx, this.#caller);
    const within = held.filter(({ ofSystem, name }) => !ofSystem || this.#caller.permissions.has(name));
    const gives = within.some(({ ofSystem, name }) => ofSystem && name === 'grant:permissions');
    return new Reach(within, gives && holds(this.#caller, 'grant:permissions') ? 'every api' : 'none');
  }

  assertPresent(): void {
    const rule = this.#caller.kind === 'machine' ? UNATTENDED : RECENT_LOGIN;
    const refusal = authorize(rule, this.#caller, this.#refusals);
    if (refusal) throw new RefusedException(refusal);
  }
}

@Injectable()
export class AdministratorPipe implements PipeTransform<FastifyRequest, Administrator> {
  readonly #authenticator: Authenticator;

  constructor(@Inject(AUTHENTICATOR) authenticator: Authenticator) {
    this.#authenticator = authenticator;
  }

  transform(request: FastifyRequest): Administrator {
    const caller = callerOf(request.raw);
    if (!caller) throw new TypeError('an administrator was asked for where nobody was authenticated');
    return new RequestAdministrator(caller, request, this.#authenticator.refusals);
  }
}

const Requested = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<FastifyRequest>(),
);

/** On a parameter: the caller of this request as the Administrator of a change. */
export const By = (): ParameterDecorator => Requested(AdministratorPipe);
