import { describe, expect, it } from 'vitest';
import { readChallenge } from '../src/shared/challenge.ts';

const NOTHING = { error: undefined, maxAge: undefined };
const STEP_UP = { error: 'insufficient_user_authentication', maxAge: 600 };

describe('the challenge of a refused answer', () => {
  it.each<[string, string | null, unknown]>([
    ['is absent', null, NOTHING],
    ['is bare', 'Bearer realm="x"', NOTHING],
    [
      'names what was wrong',
      'Bearer realm="x", error="invalid_token"',
      { ...NOTHING, error: 'invalid_token' },
    ],
    ['asks for a recent login', 'Bearer error="insufficient_user_authentication", max_age="600"', STEP_UP],
    ['has values without quotes', 'bearer error=insufficient_user_authentication,max_age=600', STEP_UP],
    ['has an age that is none', 'Bearer max_age="soon"', NOTHING],
    [
      'stands before one for DPoP',
      'Bearer realm="x", error="insufficient_user_authentication", error_description="a, b", max_age="600", DPoP realm="x", algs="ES256 EdDSA"',
      STEP_UP,
    ],
    [
      'stands after one for DPoP',
      'DPoP algs="ES256", Bearer error="insufficient_user_authentication", max_age="600"',
      STEP_UP,
    ],
    [
      'is bare beside one for DPoP that is not',
      'Bearer realm="x", DPoP realm="x", error="invalid_dpop_proof", max_age="60", algs="ES256"',
      NOTHING,
    ],
    [
      'quotes what looks like another',
      'Bearer realm="x, error=\\"y\\", DPoP", error="invalid_token"',
      { ...NOTHING, error: 'invalid_token' },
    ],
    ['is another scheme’s', 'Negotiate YWJj==, Basic realm="error", charset="UTF-8"', NOTHING],
  ])('%s', (_what, header, expected) => {
    expect(readChallenge(header)).toEqual(expected);
  });
});
