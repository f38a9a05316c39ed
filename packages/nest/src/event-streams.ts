import { Inject, Injectable } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { EventStreamInterceptor } from './event-stream.interceptor.ts';
import { isEventStream } from './event-stream.ts';
import { Gate } from './gate.ts';

/** Has every handler under @Sse() go on only as long as its caller may. No other handler pays for it. */
@Injectable()
export class EventStreams {
  constructor(@Inject(Gate) gate: Gate, @Inject(DiscoveryService) discovery: DiscoveryService) {
    const interceptor = { provide: EventStreamInterceptor, useValue: new EventStreamInterceptor(gate) };
    for (const { metatype, host } of discovery.getControllers()) {
      if (typeof metatype !== 'function') continue;
      const streams = eventStreamsOf(metatype);
      if (streams.length > 0) host?.addInjectable(interceptor, 'interceptor');
      for (const stream of streams) standAround(stream);
    }
  }
}

function eventStreamsOf({ prototype }: Function): readonly Function[] {
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const method: unknown = Reflect.get(prototype, name);
    return typeof method === 'function' && isEventStream(method) ? [method] : [];
  });
}

/** First, so that what other interceptors of the handler add ends with it. */
function standAround(stream: Function): void {
  const known: unknown = Reflect.getMetadata(INTERCEPTORS_METADATA, stream);
  const interceptors: readonly unknown[] = Array.isArray(known) ? known : [];
  if (interceptors.includes(EventStreamInterceptor)) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [EventStreamInterceptor, ...interceptors], stream);
}
