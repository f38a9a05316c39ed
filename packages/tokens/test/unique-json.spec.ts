import { parseUniqueJson } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';

describe('parseUniqueJson', () => {
  it.each([
    '{}',
    '[]',
    'null',
    '"a,b:{\\"c\\"}"',
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
    '{"a":"a","b":["a","a"]}',
    '{"\\/":1,"{,:":2,"":3}',
    ' { "a" : [ 1 , "x" , { } ] , "b" : "}" } ',
    '{"constructor":1,"toString":2}',
    '{":":":","a":":"}',
    '{"a" :"\\n", "b"\n:\t1}',
    '{"a":"b\\"c","d":1}',
    '{"a":":1","b":[":",": :"],"c" :" :"}',
  ])('reads %s as JSON.parse does', (text) => {
    expect(parseUniqueJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"a":1,"x":[],"a":2}}]',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"a" :1,"a":"\\n"}',
    '{"a" :1,"a":2}',
    '{"a":":","a":2}',
    '{"a" :":","a":":"}',
  ])('refuses the duplicates of %s', (text) => {
    expect(() => parseUniqueJson(text)).toThrow(SyntaxError);
  });

  it.each([
    '',
    '{',
    '}',
    '{"a":1,}',
    '{"a"',
    '"secret',
    '{"\\x":1}',
    '{"a":secret}',
    '{}{}',
    "{'a':1}",
    '\uFEFF{}',
  ])('refuses %j without quoting it', (text) => {
    expect(() => parseUniqueJson(text)).toThrow(/^the text is not valid JSON$/);
  });

  it('bounds the depth, and a million brackets do no harm', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseUniqueJson(nested(32))).toBeDefined();
    expect(() => parseUniqueJson(nested(33))).toThrow('nested deeper than 32');
    expect(() => parseUniqueJson(nested(3), { maxDepth: 2 })).toThrow(SyntaxError);
    expect(() => parseUniqueJson('['.repeat(1_000_000))).toThrow(SyntaxError);
  });

  it('bounds the depth of objects as that of arrays', () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(parseUniqueJson(nested(32))).toBeDefined();
    expect(() => parseUniqueJson(nested(33))).toThrow('nested deeper than 32');
  });

  it('keeps "__proto__" an own member', () => {
    const value = parseUniqueJson('{"__proto__":{"admin":true}}') as object;
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('a member whose name is written with an escape', () => {
  it('is read as what it says, whatever was read before (nodejs/node#63785)', () => {
    parseUniqueJson('{"sub":1,"x":2}');
    JSON.parse('{"sub":1,"\\\\u0":2}');
    JSON.parse('{"b":1,"\\\\":2}');
    expect(parseUniqueJson('{"sub":1,"\\u0061ud":2}')).toEqual({ sub: 1, aud: 2 });
    expect(parseUniqueJson('{"b":1,"\\u0063":2}')).toEqual({ b: 1, c: 2 });
    expect(parseUniqueJson('{"https:\\/\\/a.example\\/roles":["\\u0061"]}')).toEqual({
      'https://a.example/roles': ['a'],
    });
    expect(() => parseUniqueJson('{"b":1,"\\u0062":2}')).toThrow(/duplicate/);
  });

  it('is refused when it cannot be written without one', () => {
    for (const name of ['\\"', '\\\\', '\\n', '\\u0000', '\\ud800']) {
      expect(() => parseUniqueJson(`{"${name}":1}`)).toThrow(SyntaxError);
      expect(parseUniqueJson(`{"a":"${name}"}`)).toBeDefined();
    }
  });

  it('has no say about one beside it that is written without, be it half of a pair', () => {
    const half = '\ud800';
    expect(parseUniqueJson(`{"${half}":1,"\\u0061":2}`)).toEqual({ [half]: 1, a: 2 });
  });
});
