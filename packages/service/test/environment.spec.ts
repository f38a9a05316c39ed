import { port, readEnvironment, StartRefused } from '@portcullis/service';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { folder } from './child.ts';

const shape = {
  PORT: port().default(7000).meta({ example: '7000' }),
  SESSION_SECRET: z.string().min(8, 'is too short').meta({ example: 'a long random text' }),
  LOG_LEVEL: z.enum(['info', 'debug']).default('info').meta({ example: 'info' }),
  PUBLIC_URL: z.url().optional().meta({ example: 'https://menu.example.com' }),
};

const valid = { SESSION_SECRET: 'correct horse' };

function refused(environment: Record<string, string | undefined>): string {
  try {
    readEnvironment(shape, environment);
  } catch (error) {
    if (error instanceof StartRefused) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

function file(content: string): string {
  const path = join(folder(), 'secret');
  writeFileSync(path, content);
  return path;
}

describe('the environment', () => {
  it('is read into values, with defaults for what is not set', () => {
    expect(readEnvironment(shape, { ...valid, PORT: '8080', UNRELATED: 'x' })).toEqual({
      PORT: 8080,
      SESSION_SECRET: 'correct horse',
      LOG_LEVEL: 'info',
    });
  });

  it('counts an empty variable as unset', () => {
    expect(readEnvironment(shape, { ...valid, PORT: '', PUBLIC_URL: '', SESSION_SECRET_FILE: '' })).toEqual({
      PORT: 7000,
      SESSION_SECRET: 'correct horse',
      LOG_LEVEL: 'info',
    });
    expect(refused({ SESSION_SECRET: '' })).toContain('SESSION_SECRET: is not set.');
  });

  it.each<[string, Record<string, string>]>([
    ['SESSION_SECRET', { SESSION_SECRET: 'hunter2' }],
    ['PORT', { ...valid, PORT: 'hunter2' }],
    ['LOG_LEVEL', { ...valid, LOG_LEVEL: 'hunter2' }],
    ['PUBLIC_URL', { ...valid, PUBLIC_URL: 'hunter2' }],
  ])('is refused with the name of %s and an example, never with its value', (name, environment) => {
    const message = refused(environment);
    expect(message).toMatch(
      new RegExp(`^The configuration cannot be used:\\n  ${name}: .+ Example: ${name}=\\S`),
    );
    expect(message).not.toContain('hunter2');
  });

  it('is refused for all that is wrong at once', () => {
    expect(refused({ PORT: '0', LOG_LEVEL: 'loud' }).split('\n')).toEqual([
      'The configuration cannot be used:',
      '  PORT: is not a port number. Example: PORT=7000',
      '  SESSION_SECRET: is not set. Example: SESSION_SECRET=a long random text',
      expect.stringMatching(/^ {2}LOG_LEVEL: .+ Example: LOG_LEVEL=info$/),
    ]);
  });
});

describe('a secret from a file', () => {
  it.each([
    ['correct horse', 'correct horse'],
    ['correct horse\n', 'correct horse'],
    ['correct horse\r\n', 'correct horse'],
    ['correct horse\n\n', 'correct horse\n'],
    [' correct horse ', ' correct horse '],
  ])('is the content %j without its last line break', (content, secret) => {
    expect(readEnvironment(shape, { SESSION_SECRET_FILE: file(content) }).SESSION_SECRET).toBe(secret);
  });

  it('is checked like any value, and shown as little', () => {
    const message = refused({ SESSION_SECRET_FILE: file('hunter2') });
    expect(message).toContain('SESSION_SECRET: is too short.');
    expect(message).not.toContain('hunter2');
  });

  it('counts an empty file as unset', () => {
    expect(refused({ SESSION_SECRET_FILE: file('\n') })).toContain('SESSION_SECRET: is not set.');
  });

  it('does not go with the variable itself: which one counts would be a guess', () => {
    const message = refused({ SESSION_SECRET: 'hunter22', SESSION_SECRET_FILE: file('hunter23') });
    expect(message).toBe('SESSION_SECRET and SESSION_SECRET_FILE are both set. Keep one of them.');
  });

  it.each([
    ['is not there', () => join(folder(), 'hunter2'), 'ENOENT'],
    ['is a folder', () => folder(), 'EISDIR'],
    ['is the secret itself, by mistake', () => 'hunter2', 'ENOENT'],
  ])('says why when the file %s, with an example and without what was given', (_why, path, reason) => {
    const given = path();
    const message = refused({ SESSION_SECRET_FILE: given });
    expect(message).toBe(
      `SESSION_SECRET_FILE names a file that cannot be read (${reason}). ` +
        'Example: SESSION_SECRET_FILE=/run/secrets/session_secret',
    );
    expect(message).not.toContain(given);
  });
});

describe('a port', () => {
  it.each([
    ['1', 1],
    ['7000', 7000],
    ['65535', 65_535],
  ])('may be %s', (text, number) => {
    expect(port().parse(text)).toBe(number);
  });

  it.each(['0', '65536', '99999', '100000', '-1', '1.5', '1e3', '0x50', ' 80', '80 ', '٨٠', 'http', ''])(
    'may not be %j',
    (text) => {
      expect(port().safeParse(text).success).toBe(false);
    },
  );
});
