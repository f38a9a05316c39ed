import { describe, expect, it } from 'vitest';
import { outputOf, program } from './child.ts';

describe('the log', () => {
  it('never shows a secret, wherever a credential could stand', async () => {
    const { stdout, stderr, code } = await outputOf(program('log'));
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).not.toContain('secret.token');
    expect(stdout).not.toContain('Bearer');

    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(14);
    expect(lines[0]).toMatchObject({
      name: 'test',
      msg: 'top',
      authorization: '[redacted]',
      cookie: '[redacted]',
      password: '[redacted]',
      token: '[redacted]',
      secret: '[redacted]',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    expect(lines[2]).toMatchObject({ req: { method: 'GET', headers: '[redacted]' } });
    for (const line of [lines[5], lines[6]]) {
      expect(line).toMatchObject({
        err: { type: 'Error', message: 'the verdict', stack: expect.stringContaining('log.ts') as string },
      });
    }
    expect(lines[7]).toMatchObject({ error: { type: 'Error', message: 'the verdict' } });
    expect(Object.keys(lines[8]?.['err'] ?? {})).toEqual(['type', 'message', 'stack']);
    expect(lines[10]).toMatchObject({ err: { type: 'object' } });
    expect(lines[11]).toMatchObject({ context: 'Problem', err: { message: 'the verdict' } });
    expect(lines[12]).toMatchObject({ context: 'Nest', msg: 'started' });
    expect(lines[13]).toMatchObject({ context: 'Nest', msg: '%s is not a format' });
  });
});
