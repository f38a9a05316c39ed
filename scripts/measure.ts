import { availableParallelism } from 'node:os';

/** What one round found for one contender: a number for each metric. */
export type Sample = Readonly<Record<string, number>>;

export interface Contender {
  readonly name: string;
  /** Another library for the same task, not a primitive: said aloud where it is ahead of ours. */
  readonly isPeer?: boolean;
  /** Before every round, unmeasured. */
  prepare?(): Promise<void>;
  run(): Promise<Sample>;
}

/** One column: a metric as a multiple of what another contender needs, and how much of it ours may need. */
export interface Column {
  readonly metric: string;
  readonly against: string;
  readonly most?: number;
}

export interface Comparison {
  readonly title: string;
  readonly unit: string;
  readonly contenders: readonly Contender[];
  readonly columns: readonly Column[];
  readonly rounds?: number;
  /** The contender that does everything but the thing itself. What it needs is taken off all others. */
  readonly floor?: string;
}

export const OURS = 'ours';

export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** Measures all contenders in turn, round after round, and prints how they compare. */
export async function compare(comparison: Comparison): Promise<Samples> {
  const { title, unit, contenders, columns, rounds = 11, floor } = comparison;
  const measured = await interleaved(contenders, rounds);
  const samples = floor === undefined ? measured : without(floor, measured);
  const rows = [...samples.keys()].map((name) => [
    name,
    ...columns.flatMap(({ metric, against }) => [
      ratio(samples, metric, name, against),
      `${median(values(samples, name, metric)).toPrecision(3)} ${unit}`,
    ]),
  ]);
  const heads = columns.flatMap(({ metric, against }) => [`${metric} × ${against}`, 'median']);

  console.log(`\n## ${title}\n`);
  console.log(`${rounds} interleaved rounds; median of the rounds' ratios (least–most)`);
  if (floor !== undefined) console.log(`"${floor}" is taken off everything else`);
  console.log();
  printTable([['', ...heads], ...rows]);
  console.log();
  for (const sentence of verdicts(comparison, samples)) console.log(sentence);
  return samples;
}

async function interleaved(contenders: readonly Contender[], rounds: number): Promise<Samples> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const contender of contenders) {
      await contender.prepare?.();
      // So that nobody pays for another's garbage. Not a full collection: that would drop compiled code.
      globalThis.gc?.({ type: 'minor' });
      const sample = await contender.run();
      if (round >= 0) samples.get(contender.name)?.push(sample);
    }
  }
  return samples;
}

const WARM_UP = 2;

function without(floor: string, samples: Samples): Samples {
  const net = (sample: Sample): Sample =>
    Object.fromEntries(
      Object.entries(sample).map(([metric, value]) => [
        metric,
        value - median(values(samples, floor, metric)),
      ]),
    );
  return new Map([...samples].map(([name, all]) => [name, name === floor ? all : all.map(net)]));
}

function verdicts({ contenders, columns }: Comparison, samples: Samples): readonly string[] {
  if (!samples.has(OURS)) return [];
  const targets = columns.flatMap(({ metric, against, most }) => {
    if (most === undefined) return [];
    const found = median(ratios(samples, metric, OURS, against));
    return [
      `Target ${found <= most ? 'met' : 'missed'}: ${metric} ${found.toFixed(2)} × ${against}, at most ${most}.`,
    ];
  });
  const ahead = [...new Set(columns.map(({ metric }) => metric))].flatMap((metric) =>
    contenders.flatMap(({ name, isPeer }) => {
      const lead = median(ratios(samples, metric, name, OURS));
      return isPeer && lead < 1 ? [`Ahead of ours in ${metric}: ${name}, ${lead.toFixed(2)} × of ours.`] : [];
    }),
  );
  return [...targets, ...ahead];
}

function ratio(samples: Samples, metric: string, name: string, against: string): string {
  const all = ratios(samples, metric, name, against);
  return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)})`;
}

/** Round by round: both numbers of a ratio were measured within the same moments. */
export function ratios(samples: Samples, metric: string, name: string, against: string): readonly number[] {
  const reference = values(samples, against, metric);
  return values(samples, name, metric).map((value, round) => value / (reference[round] ?? Number.NaN));
}

export function values(samples: Samples, name: string, metric: string): readonly number[] {
  return (samples.get(name) ?? []).map((sample) => sample[metric] ?? Number.NaN);
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export interface Spent {
  /** Microseconds of CPU on the main thread. */
  readonly main: number;
  /** Microseconds of CPU on all threads of the process. */
  readonly total: number;
  /** Microseconds that passed. */
  readonly wall: number;
}

export async function spent(work: () => Promise<void>): Promise<Spent> {
  const [thread, all, started] = [process.threadCpuUsage(), process.cpuUsage(), performance.now()];
  await work();
  const wall = (performance.now() - started) * 1000;
  const [main, total] = [process.threadCpuUsage(thread), process.cpuUsage(all)];
  return { main: main.user + main.system, total: total.user + total.system, wall };
}

/** Figures mean nothing without what they were measured on. */
export function printMachine(versions: Readonly<Record<string, string>>): void {
  const all = { node: process.versions.node, openssl: process.versions.openssl, ...versions };
  const listed = Object.entries(all).map(([name, version]) => `${name} ${version}`);
  console.log(`${listed.join(', ')}; ${availableParallelism()} CPUs (${process.arch})`);
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
