import { z } from './schema.ts';

const FieldError = z.object({ pointer: z.string(), message: z.string() });

/** RFC 9457 problem details, as the API writes them. Every member may be missing behind a proxy. */
export const Problem = z.object({
  type: z.optional(z.string()),
  title: z.optional(z.string()),
  status: z.optional(z.number()),
  detail: z.optional(z.string()),
  message: z.optional(z.string()),
  errors: z.optional(z.array(FieldError)),
  missingPermissions: z.optional(z.array(z.string())),
});

export type Problem = z.infer<typeof Problem>;

/** The problem in a refused answer; an empty one when the body is none. */
export async function problemOf(response: Response): Promise<Problem> {
  if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) return {};
  const body = Problem.safeParse(await response.json().catch(() => undefined));
  return body.success ? body.data : {};
}
