import { createParser } from 'eventsource-parser';

export interface FollowedStream {
  /** Opens it: an answer with status 200 whose body goes on. */
  readonly open: (signal: AbortSignal) => Promise<Response>;
  /** It was opened: what was missed before is to be looked for. */
  readonly onOpen: () => void;
  readonly onEvent: () => void;
  /** Milliseconds without a byte, heartbeats included, after which it is given up. */
  readonly silence: number;
  /** Milliseconds that opening may take. */
  readonly patience: number;
}

/** Characters of one event. */
const LONGEST_EVENT = 16 * 1024 * 1024;

/**
 * Follows server-sent events until they end, by the server or by silence.
 *
 * @returns whether it was open
 */
export async function followEvents(stream: FollowedStream, closing: AbortSignal): Promise<boolean> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, closing]);
  let timer = setTimeout(() => ended.abort(new Error('the stream did not open')), stream.patience);
  let opened = false;
  try {
    const response = await stream.open(signal);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      ended.abort(new Error('what was opened is no event stream'));
      return false;
    }
    opened = true;
    stream.onOpen();
    const parser = createParser({ onEvent: stream.onEvent, maxBufferSize: LONGEST_EVENT });
    const decoder = new TextDecoder();
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => ended.abort(new Error('the stream fell silent')), stream.silence);
    };
    watch();
    for await (const chunk of response.body ?? []) {
      watch();
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
    return opened;
  } catch {
    return opened;
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}
