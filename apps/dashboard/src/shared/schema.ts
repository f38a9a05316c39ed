import * as z from 'zod/mini';

// Compiled parsers need `eval`, which the content security policy refuses.
z.config({ jitless: true });

export { z };
