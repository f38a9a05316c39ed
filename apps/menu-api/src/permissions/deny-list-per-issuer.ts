import type { Authentication, DenyList } from '@portcullis/tokens';

/** Each issuer's tokens by its own list: losing sight of one issuer says nothing of another's tokens. */
export class DenyListPerIssuer implements DenyList {
  private readonly lists: ReadonlyMap<string, DenyList>;

  constructor(lists: ReadonlyMap<string, DenyList>) {
    this.lists = lists;
  }

  check(authentication: Authentication, clockTolerance: number, kid: string | undefined): void {
    this.lists.get(authentication.issuer)?.check(authentication, clockTolerance, kid);
  }

  async ready(): Promise<void> {
    await Promise.all([...this.lists.values()].map((list) => list.ready()));
  }

  isReady(): boolean {
    return [...this.lists.values()].every((list) => list.isReady());
  }

  get size(): number {
    return [...this.lists.values()].reduce((sum, { size }) => sum + size, 0);
  }

  onNews(listener: () => void): () => void {
    const ends = [...this.lists.values()].map((list) => list.onNews?.(listener));
    return () => {
      for (const end of ends) end?.();
    };
  }

  close(): void {
    for (const list of this.lists.values()) list.close();
  }
}
