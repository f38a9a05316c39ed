import { callerRule } from '@portcullis/http';
import { AuditTrail, type AccessEvent } from '@portcullis/nest';
import { AccessMetrics } from '@portcullis/nest/metrics';
import { createTestIssuer } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import { Registry } from 'prom-client';

/** What it costs a request to be counted and audited: nanoseconds of CPU. */
const EVENTS = 1_000_000;

const issuer = await createTestIssuer();
const verifier = createVerifier(issuer);
const authentication = await verifier.verify({ scheme: 'bearer', token: await issuer.accessToken() });
verifier.close();
await issuer.stop();

const metrics = new AccessMetrics({ registry: new Registry() });
const trail = new AuditTrail({ sink: { record: () => undefined } });
const rule = callerRule({ allOf: ['create:items'] });

/** As the gate makes one for each decision. */
function event(method: string): AccessEvent {
  return Object.freeze({
    context: 'http',
    handler: 'ItemsController.create',
    rule,
    caller: undefined,
    refusal: undefined,
    method,
    requestId: 'req-1',
  });
}

function cost(name: string, tell: () => void): void {
  for (let warmUp = 0; warmUp < EVENTS / 5; warmUp++) tell();
  const before = process.threadCpuUsage();
  for (let count = 0; count < EVENTS; count++) tell();
  const { user, system } = process.threadCpuUsage(before);
  console.log(`${name}: ${(((user + system) * 1000) / EVENTS).toFixed(0)} ns`);
}

cost('an event, told to nobody', () => void event('GET'));
cost('an event, counted', () => metrics.decided(event('GET')));
cost('an event, audited: a read', () => trail.decided(event('GET')));
cost('an event, audited: a write by nobody known', () => trail.decided(event('POST')));
cost('a seen token, counted', () => metrics.verified(authentication, true, undefined));
cost('a new token, counted and timed', () => metrics.verified(authentication, false, 0.1));
