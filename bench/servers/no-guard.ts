import { serve } from './hello.ts';

await serve({});
