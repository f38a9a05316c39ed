import { StartRefused } from './start-refused.ts';

/** What a service says once it is ready, to whoever started it. */
export interface Ready {
  /** Where it answers. */
  readonly url: string;
  /** Lines that a person must read now, such as passwords that are shown once. */
  readonly notices?: readonly string[];
}

export interface RunningService extends Ready {
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>;
}

/** Milliseconds a service may take to finish its requests before it is ended. */
const STOP_LIMIT = 10_000;

/**
 * Runs a service as this process: starts it, tells the parent or the terminal, stops it on SIGINT,
 * SIGTERM, or when the parent process is gone. A second signal ends it at once.
 */
export async function run(start: () => Promise<RunningService>): Promise<void> {
  try {
    const service = await start();
    stopOnSignal(service);
    announce(service);
  } catch (error) {
    console.error(error instanceof StartRefused ? error.message : error);
    process.exit(1);
  }
}

function stopOnSignal(service: RunningService): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT).unref();
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  if (process.send) process.on('disconnect', stop);
}

/** A supervisor reads messages; a person reads the terminal, also when "node --watch" is the parent. */
function announce({ url, notices = [] }: Ready): void {
  process.send?.({ url, notices } satisfies Ready);
  if (process.send && !process.stderr.isTTY) return;
  for (const line of [`Ready at ${url}`, ...notices]) console.error(line);
}
