import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callerOf, type Caller } from '@portcullis/http';
import { rawRequest } from './raw-request.ts';

/** The Caller of this request; undefined on a @Public route. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | undefined => callerOf(rawRequest(context)),
);
