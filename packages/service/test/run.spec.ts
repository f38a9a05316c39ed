import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { outputOf, program } from './child.ts';

describe('a service that runs as a process', () => {
  it('refuses to start with its sentence alone', async () => {
    expect(await outputOf(program('run', 'refused'))).toEqual({
      stdout: '',
      stderr: 'PORT: is not a port number. Example: PORT=7000\n',
      code: 1,
    });
  });

  it('shows where a bug is', async () => {
    const { stderr, code } = await outputOf(program('run', 'broken'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/TypeError: a bug\n +at /);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'tells its parent when it is ready, and stops on %s',
    async (signal) => {
      const child = program('run');
      const output = outputOf(child);
      expect(await once(child, 'message')).toEqual([
        { url: 'http://localhost:7000', notices: ['shown once'] },
        undefined,
      ]);
      child.kill(signal);
      expect(await output).toEqual({ stdout: 'stopped\n', stderr: '', code: 0 });
    },
  );

  it('stops when its parent is gone', async () => {
    const child = program('run');
    const output = outputOf(child);
    await once(child, 'message');
    child.disconnect();
    expect(await output).toMatchObject({ stdout: 'stopped\n', code: 0 });
  });

  it('says so when it could not stop as it should', async () => {
    const child = program('run', 'stuck');
    const output = outputOf(child);
    await once(child, 'message');
    child.kill('SIGTERM');
    expect(await output).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot stop') as string });
  });
});
