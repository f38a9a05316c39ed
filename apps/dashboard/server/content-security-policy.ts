import { isLoopback } from '@portcullis/service';
import type { DashboardSettings } from './settings.ts';

/** Everything is refused but what the dashboard is known to load. */
export function contentSecurityPolicy(settings: DashboardSettings): Record<string, string[]> {
  const api = new URL(settings.apiUrl).origin;
  const issuer = new URL(settings.issuerUrl).origin;
  const local = isLoopback(new URL(settings.publicUrl).hostname);
  return {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    // A dish may show any https picture, and while developing also one from this machine.
    imgSrc: ["'self'", 'https:', api, ...(local ? ['http://localhost:*', 'http://127.0.0.1:*'] : [])],
    connectSrc: ["'self'", api, issuer],
    // Silent authentication asks the issuer in a hidden frame.
    frameSrc: [issuer],
    // The SDK keeps the refresh token in a worker, served from here.
    workerSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  };
}
