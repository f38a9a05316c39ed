import type { ExecutionContext } from '@nestjs/common';
import { everywhere, serve } from './hello.ts';
import { joseVerification, requirePermission } from './jose-verification.ts';
import { tokenOf } from './token-of.ts';

/** A guard around jose, which verifies each token each time. */
const verified = joseVerification();
await serve({
  guard: everywhere({
    canActivate: async (context: ExecutionContext) => {
      const token = tokenOf(context);
      return token === undefined || requirePermission(await verified(token));
    },
  }),
});
