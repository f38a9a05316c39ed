import { applyDecorators, Controller, UseGuards, UsePipes } from '@nestjs/common';
import { InputPipe } from './input.pipe.ts';
import { RateLimitGuard } from './rate-limit.ts';

/** A controller of the Management API: below `/api/v2/`, counted, its input checked. */
export function ManagementController(path: string): ClassDecorator {
  return applyDecorators(Controller(`api/v2/${path}`), UseGuards(RateLimitGuard), UsePipes(new InputPipe()));
}
