import { Refusal, type Authenticator, type Outcome, type RequestHead, type Standing } from '@portcullis/http';

const standings = new WeakMap<RequestHead, Standing>();

/** Whoever is there still, of a request that goes on after it was let in; undefined when nobody vouches for them. */
export function standingOf(request: RequestHead): Standing | undefined {
  return standings.get(request);
}

/** For handlers that go on after a request was let in: remembers how to ask about its caller again. */
export class AttendedAuthenticator implements Authenticator {
  readonly verifier: Authenticator['verifier'];
  readonly refusals: Authenticator['refusals'];
  readonly attend: Authenticator['attend'];

  constructor(authenticator: Authenticator) {
    this.verifier = authenticator.verifier;
    this.refusals = authenticator.refusals;
    this.attend = authenticator.attend.bind(authenticator);
  }

  async authenticate(head: RequestHead): Promise<Outcome> {
    const known = await this.attend(head);
    if (known === undefined || known instanceof Refusal) return known;
    standings.set(head, known);
    return known.caller;
  }
}
