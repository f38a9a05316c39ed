import { Controller, Get } from '@nestjs/common';
import { AuditTrail, Authenticated, RequirePermissions, type AuditEvent } from '@portcullis/nest';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from './app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

@Controller('items')
class ItemsController {
  @Get() @Authenticated() list() {
    return [];
  }
  @Get('report') @RequirePermissions('read:report') report() {
    return {};
  }
}

/** An application whose log is kept, and the lines about refusals in it. */
async function logged() {
  const lines: string[] = [];
  const events: AuditEvent[] = [];
  const note = (line: unknown) => void lines.push(String(line));
  const trail = new AuditTrail({ sink: { record: (event) => void events.push(event) } });
  const { app, url } = await start({
    issuer,
    controllers: [ItemsController],
    options: { accessObserver: trail },
    logger: { log: note, warn: note, error: note },
  });
  const flood = async (times: number, path: string, headers: Record<string, string> = {}) => {
    for (let time = 0; time < times; time++) await fetch(`${url}${path}`, { headers });
  };
  return { app, flood, events, refusals: () => lines.filter((line) => line.startsWith('refused ')) };
}

const NO_CREDENTIAL = 'refused ItemsController.list: 401 ERR_NO_CREDENTIAL';

describe('the log of refusals', () => {
  it('has ten lines a minute of one handler and code, and then how many more there were', async () => {
    const { app, flood, refusals } = await logged();
    await flood(25, '/items');
    expect(refusals()).toHaveLength(10);
    expect(refusals()[9]).toMatch(new RegExp(`^${NO_CREDENTIAL} .`));
    await app.close();
    expect(refusals().slice(10)).toEqual([`${NO_CREDENTIAL}, 15 more in a minute`]);
  });

  it('does not hide what is refused elsewhere, or for another reason', async () => {
    const { app, flood, refusals } = await logged();
    await flood(25, '/items');
    await flood(1, '/items', { authorization: 'Bearer garbage' });
    await flood(1, '/items/report');
    expect(refusals().slice(10)).toEqual([
      expect.stringMatching(/^refused ItemsController.list: 401 ERR_TOKEN_MALFORMED/),
      expect.stringMatching(/^refused ItemsController.report: 401 ERR_NO_CREDENTIAL/),
    ]);
    await app.close();
    expect(refusals()).toHaveLength(13);
  });

  it('is not the audit trail, which counts every denial', async () => {
    const { app, flood, events } = await logged();
    await flood(25, '/items');
    await app.close();
    const counted = events.map(({ notWritten = 1 }) => notWritten);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(25);
  });
});
