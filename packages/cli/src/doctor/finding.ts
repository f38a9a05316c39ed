/** One thing that the doctor found out, in a sentence for whoever runs the API. */
export type Finding =
  | { readonly verdict: 'right'; readonly about: Topic; readonly says: string }
  | {
      /** `doubtful` may be meant so, and does not fail the examination. */
      readonly verdict: 'wrong' | 'doubtful';
      readonly about: Topic;
      readonly says: string;
      /** What to do about it. */
      readonly fix: string;
    };

export type Topic =
  | 'configuration'
  | 'address'
  | 'issuer'
  | 'discovery'
  | 'keys'
  | 'clock'
  | 'audience'
  | 'token'
  | 'permissions';

export function right(about: Topic, says: string): Finding {
  return { verdict: 'right', about, says };
}

export function wrong(about: Topic, says: string, fix: string): Finding {
  return { verdict: 'wrong', about, says, fix };
}

export function doubtful(about: Topic, says: string, fix: string): Finding {
  return { verdict: 'doubtful', about, says, fix };
}
