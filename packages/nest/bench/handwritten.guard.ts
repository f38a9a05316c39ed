import { hash, verify, type KeyObject } from 'node:crypto';
import {
  ForbiddenException,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';

interface Claims {
  readonly exp: number;
  readonly permissions: readonly string[];
}

/** What an application would write that wants no library: one key, one cache, and little else checked. */
export class HandwrittenGuard implements CanActivate {
  private readonly cache = new Map<string, Claims>();
  private readonly key: KeyObject;
  private readonly permission: string;

  constructor(key: KeyObject, permission: string) {
    this.key = key;
    this.permission = permission;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string }; caller?: Claims }>();
    const claims = await this.claimsOf(request.headers.authorization?.slice('Bearer '.length) ?? '');
    if (claims.exp < Date.now() / 1000) throw new UnauthorizedException();
    if (!claims.permissions.includes(this.permission)) throw new ForbiddenException();
    request.caller = claims;
    return true;
  }

  private async claimsOf(token: string): Promise<Claims> {
    const digest = hash('sha256', token, 'base64url');
    const known = this.cache.get(digest);
    if (known) return known;
    const claims = this.verified(token);
    this.cache.set(digest, claims);
    return claims;
  }

  private verified(token: string): Claims {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const input = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', input, this.key, Buffer.from(signature, 'base64url')))
      throw new UnauthorizedException();
    return JSON.parse(Buffer.from(payload, 'base64url').toString());
  }
}
