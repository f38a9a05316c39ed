import { changeFeed, type ChangeFeed, type ChangeFeedOptions } from '@portcullis/permissions';
import { expect, onTestFinished } from 'vitest';
import { ProviderEndpoint } from './provider-endpoint.ts';

export interface Following {
  readonly provider: ProviderEndpoint;
  readonly feed: ChangeFeed;
  /** Resolves when the feed was read up to where the log is now. */
  caughtUp(): Promise<void>;
}

type Spoiled = Partial<Pick<ChangeFeedOptions, 'maxStaleness' | 'interval' | 'silence' | 'observer'>>;

/** A feed that follows a provider, after its first snapshot. */
export async function following(options: Spoiled = {}): Promise<Following> {
  const provider = await new ProviderEndpoint().listen();
  const feed = follow(provider, options);
  await feed.ready();
  await expect.poll(() => provider.count('changes/stream')).toBe(1);
  return {
    provider,
    feed,
    caughtUp: async () => {
      await expect
        .poll(() => feed.position, { interval: 2 })
        .toEqual({ incarnation: provider.incarnation, number: provider.number });
    },
  };
}

export function follow(provider: ProviderEndpoint, options: Spoiled = {}): ChangeFeed {
  const feed = changeFeed({ ...provider.options, ...options });
  onTestFinished(() => feed.close());
  return feed;
}
