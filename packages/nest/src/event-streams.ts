import { Inject, Injectable } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { calledClasses, methodsOf } from './called-class.ts';
import { EventStreamInterceptor } from './event-stream.interceptor.ts';
import { isEventStream } from './event-stream.ts';
import { Gate } from './gate.ts';

/** Has every handler under @Sse() go on only as long as its caller may. No other handler pays for it. */
@Injectable()
export class EventStreams {
  constructor(@Inject(Gate) gate: Gate, @Inject(ModulesContainer) modules: ModulesContainer) {
    const interceptor = { provide: EventStreamInterceptor, useValue: new EventStreamInterceptor(gate) };
    for (const { type, isController, module } of calledClasses(modules)) {
      const streams = methodsOf(type).filter(({ method }) => isController && isEventStream(method));
      if (streams.length > 0) module.addInjectable(interceptor, 'interceptor');
      for (const { method } of streams) standAround(method);
    }
  }
}

/** First, so that what other interceptors of the handler add ends with it. */
function standAround(stream: Function): void {
  const known: unknown = Reflect.getMetadata(INTERCEPTORS_METADATA, stream);
  const interceptors: readonly unknown[] = Array.isArray(known) ? known : [];
  if (interceptors.includes(EventStreamInterceptor)) return;
  Reflect.defineMetadata(INTERCEPTORS_METADATA, [EventStreamInterceptor, ...interceptors], stream);
}
