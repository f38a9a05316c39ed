import { createRefusals, type Refusal, type Refusals } from '@portcullis/http';
import { TokenUntrusted } from '@portcullis/tokens';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './rfc9110.ts';
import { serve } from './server.ts';

/** What would end a value, a parameter, a challenge or a header field. */
const dangerous = fc.constantFrom(
  ...Array.from('"\\,=;\r\n\0\t\x7f\x80é€\u2028\ud800\' a'),
  '\\"',
  '\r\nSet-Cookie: a=b',
  '\r\n\r\n<p>',
  '", error="none',
  '", Basic realm="',
  'Bearer ',
  '😀',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(dangerous, { maxLength: 8 }).map((pieces) => pieces.join('')),
);

/** RFC 6750 3 leaves printable ASCII without the quote and the backslash; one mark stands in for each other. */
function sent(value: string): string {
  return Array.from({ length: value.length }, (_, index) => {
    const code = value.charCodeAt(index);
    return code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x5c ? value.charAt(index) : "'";
  }).join('');
}

type Case = readonly [
  refuse: (refusals: Refusals) => Refusal,
  expected: readonly (readonly [string, string])[],
];

const cases: fc.Arbitrary<Case> = fc.oneof(
  fc.constant<Case>([(refusals) => refusals.noCredential(), []]),
  text.map((detail): Case => [
    (refusals) => refusals.malformedRequest(detail),
    [
      ['error', 'invalid_request'],
      ['error_description', detail],
    ],
  ]),
  text.map((message): Case => [
    (refusals) => refusals.badCredential(new TokenUntrusted(message)),
    [
      ['error', 'invalid_token'],
      ['error_description', message],
    ],
  ]),
  fc
    .tuple(fc.array(text, { maxLength: 3 }), fc.array(text, { minLength: 1, maxLength: 3 }))
    .map(([missing, scope]): Case => [
      (refusals) => refusals.insufficientPermissions({ missing, missingAny: [], scope }),
      [
        ['error', 'insufficient_scope'],
        ['scope', scope.join(' ')],
      ],
    ]),
  fc.nat().map((age): Case => [
    (refusals) => refusals.loginTooOld(age),
    [
      ['error', 'insufficient_user_authentication'],
      ['error_description', 'a more recent login is required'],
      ['max_age', String(age)],
    ],
  ]),
  text.map((kind): Case => [(refusals) => refusals.wrongKind([kind]), [['error', 'insufficient_scope']]]),
);

const written = (refusal: Refusal): string => refusal.headers['www-authenticate'] ?? '';

describe('every challenge', () => {
  it('reads as exactly the parameters that it was made of, whatever they hold', () => {
    fc.assert(
      fc.property(text, cases, (realm, [refuse, expected]) => {
        const field = written(refuse(createRefusals(realm)));
        expect(parseChallenges(field)).toEqual([
          {
            scheme: 'Bearer',
            parameters: [['realm', realm], ...expected].map(([name, value = '']) => [name, sent(value)]),
          },
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('names the metadata of the resource, whatever that address holds, in the challenge of each scheme', () => {
    fc.assert(
      fc.property(text, text, cases, (realm, resourceMetadata, [refuse, expected]) => {
        const accepted = { bearer: true, dpop: ['ES256'], resourceMetadata };
        const [bearer, dpop, ...others] = parseChallenges(written(refuse(createRefusals(realm, accepted))));
        const said = [
          ['realm', realm],
          ['resource_metadata', resourceMetadata],
        ];
        const parameters = (pairs: readonly (readonly string[])[]) =>
          pairs.map(([name, value = '']) => [name, sent(value)]);
        expect(bearer).toEqual({ scheme: 'Bearer', parameters: parameters([...said, ...expected]) });
        expect(dpop).toEqual({ scheme: 'DPoP', parameters: parameters([...said, ['algs', 'ES256']]) });
        expect(others).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('stands beside those of the other schemes, and says what is wrong in that which was used', () => {
    const algorithms = fc.array(text, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        text,
        text,
        algorithms,
        fc.boolean(),
        fc.boolean(),
        (realm, message, dpop, bearer, proved) => {
          const used = proved || !bearer ? 'DPoP' : 'Bearer';
          const refusal = createRefusals(realm, { bearer, dpop }).badCredential(
            new TokenUntrusted(message),
            used,
          );
          const wrong: [string, string][] = [
            ['error', 'invalid_token'],
            ['error_description', sent(message)],
          ];
          const challenges = [
            { scheme: 'Bearer', parameters: [['realm', sent(realm)], ...(used === 'Bearer' ? wrong : [])] },
            {
              scheme: 'DPoP',
              parameters: [
                ['realm', sent(realm)],
                ...(used === 'DPoP' ? wrong : []),
                ['algs', sent(dpop.join(' '))],
              ],
            },
          ];
          expect(parseChallenges(written(refusal))).toEqual(bearer ? challenges : challenges.slice(1));
        },
      ),
    );
  });

  it('is one header field on the wire, with nothing of its own beside it', async () => {
    let refusal = createRefusals('').noCredential();
    const url = await serve((_request, response) => {
      response.writeHead(refusal.status, refusal.headers).end();
    });
    const { headers: plain } = await fetch(url);
    await fc.assert(
      fc.asyncProperty(text, cases, async (realm, [refuse]) => {
        refusal = refuse(createRefusals(realm));
        const { headers } = await fetch(url);
        expect([...headers.keys()]).toEqual([...plain.keys()]);
        expect(headers.get('www-authenticate')).toBe(written(refusal).trimEnd());
      }),
      { numRuns: 200 },
    );
  });
});

describe('the reader that judges them', () => {
  it.each<[string, ReturnType<typeof parseChallenges>]>([
    ['Bearer', [{ scheme: 'Bearer', parameters: [] }]],
    ['Bearer realm="a"', [{ scheme: 'Bearer', parameters: [['realm', 'a']] }]],
    [
      ',Bearer REALM = "a\\"b, c=d" ,, error=x , DPoP algs="ES256"',
      [
        {
          scheme: 'Bearer',
          parameters: [
            ['realm', 'a"b, c=d'],
            ['error', 'x'],
          ],
        },
        { scheme: 'DPoP', parameters: [['algs', 'ES256']] },
      ],
    ],
  ])('reads %s', (field, expected) => {
    expect(parseChallenges(field)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    'realm="a"',
    'Bearer realm="a',
    'Bearer realm=',
    'Bearer realm="a" error=x',
    'Bearer realm="\r"',
    'Bearer realm="a\\\n"',
    'é',
  ])('refuses %j', (field) => {
    expect(() => parseChallenges(field)).toThrow(SyntaxError);
  });
});
