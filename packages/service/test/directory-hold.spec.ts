import { holdDirectory, StartRefused } from '@portcullis/service';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, killed, outputOf, program } from './child.ts';

describe('a held directory', () => {
  it('is refused to another process, which says why in one sentence', async () => {
    const path = folder();
    const hold = holdDirectory(path);
    const { code, stderr } = await outputOf(program('hold', path));
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Another process already runs on ${path}. Stop that one, or set DATA_DIR to another folder.`,
    );
    hold.release();
  });

  it('is refused twice in one process', () => {
    const path = folder();
    const hold = holdDirectory(path);
    expect(() => holdDirectory(path)).toThrow(StartRefused);
    expect(() => holdDirectory(path)).toThrow('Another process already runs on');
    hold.release();
  });

  it('is free again once released, and releasing again does nothing', () => {
    const path = folder();
    const hold = holdDirectory(path);
    hold.release();
    hold.release();
    const again = holdDirectory(path);
    hold.release();
    expect(() => holdDirectory(path)).toThrow(StartRefused);
    again.release();
  });

  it('is free again after kill -9 of its holder', async () => {
    const path = folder();
    const holder = program('hold', path);
    expect(await once(holder, 'message')).toEqual(['held', undefined]);
    expect(() => holdDirectory(path)).toThrow('Another process already runs on');
    await killed(holder);
    holdDirectory(path).release();
  });

  it('is made when it is not there, for its owner alone', () => {
    const path = join(folder(), 'a', 'b');
    const hold = holdDirectory(path);
    expect(hold.path).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    hold.release();
  });

  it('leaves other directories alone', () => {
    const [one, two] = [holdDirectory(folder()), holdDirectory(folder())];
    one.release();
    two.release();
    expect(one.path).not.toBe(two.path);
  });
});

describe('a directory that cannot be written', () => {
  const CANNOT = /^The folder .+ cannot be written\. Make it writable, or set DATA_DIR to one that is\.$/;

  it('is named when a file stands in its place', () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    expect(() => holdDirectory(path)).toThrow(CANNOT);
    expect(() => holdDirectory(join(path, 'below'))).toThrow(CANNOT);
  });

  it('is named when its lock is no lock', () => {
    const path = folder();
    writeFileSync(join(path, 'hold.lock'), 'this is not SQLite, and long enough to be looked at'.repeat(100));
    expect(() => holdDirectory(path)).toThrow(CANNOT);
  });
});
