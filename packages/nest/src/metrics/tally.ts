import { Counter, type Registry } from 'prom-client';

/** Names that are told apart; all further ones are one, so that no tenant too many fills the memory. */
const NAMES = 1000;
const FURTHER = 'others';

type Labels = Readonly<Record<string, string>>;

/**
 * How often what had which end. An event costs two look-ups: prom-client, which makes a text of all labels each time,
 * is told only when it is asked.
 */
export class Tally {
  readonly metric: Counter;
  private readonly counts = new Map<string, Map<string, number>>();

  /** @param labelsOf the labels of one name and one end */
  constructor(
    registry: Registry,
    metric: { readonly name: string; readonly help: string; readonly labelNames: readonly string[] },
    labelsOf: (name: string, end: string) => Labels,
  ) {
    const { counts } = this;
    this.metric = new Counter({
      ...metric,
      registers: [registry],
      collect() {
        this.reset();
        for (const [name, ends] of counts)
          for (const [end, count] of ends) this.inc(labelsOf(name, end), count);
      },
    });
  }

  add(name: string, end = ''): void {
    const ends = this.counts.get(name) ?? this.begin(name);
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }

  private begin(name: string): Map<string, number> {
    const told = this.counts.size < NAMES ? name : FURTHER;
    const ends = this.counts.get(told) ?? new Map<string, number>();
    this.counts.set(told, ends);
    return ends;
  }
}
