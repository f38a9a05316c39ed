import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callerOf, type Caller } from '@portcullis/http';
import { rawRequest } from './raw-request.ts';

/** The Caller of this request, connection or message; undefined when nobody was asked who they are. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | undefined => callerOf(carrier(context)),
);

/** What a door wrote the Caller on. */
function carrier(context: ExecutionContext): object {
  const type = context.getType();
  if (type === 'ws') return context.switchToWs().getClient<object>();
  if (type === 'rpc') return context.switchToRpc().getContext<object>();
  return rawRequest(context);
}
