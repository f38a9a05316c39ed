import { everywhere, serve } from './hello.ts';

/** The least that a guard can cost. */
await serve({ guard: everywhere({ canActivate: () => true }) });
