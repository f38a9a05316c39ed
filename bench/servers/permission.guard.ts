import { ForbiddenException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { PERMISSION } from './hello.ts';

/** The second guard of a stack with Passport: may whom the first has found do this? */
export class PermissionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToHttp().getRequest<{ user: { permissions?: readonly string[] } }>();
    if (user.permissions?.includes(PERMISSION)) return true;
    throw new ForbiddenException();
  }
}
