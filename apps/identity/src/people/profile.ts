import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import { user } from '../database/schema.ts';

const line = (longest: number) =>
  z
    .string('must be text')
    .trim()
    .normalize('NFC')
    .max(longest, `must have at most ${longest} characters`)
    // Categories C and Z but the plain space: nothing invisible, no other line.
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be plain text on one line');

/** What people say of themselves. */
export const Profile = z.object({
  name: line(100).min(1, 'must not be empty'),
  nickname: line(50).min(1, 'must not be empty'),
  picture: z
    .union([z.literal(''), z.url({ protocol: /^https$/ })], 'must be an https address, or empty')
    .refine((url) => url.length <= 2048, 'must have at most 2048 characters')
    .transform((url) => (url === '' ? null : url)),
});
export type Profile = z.infer<typeof Profile>;

/** Writes what is different; nothing when all is the same. */
export async function saveProfile(
  changes: ChangeLog,
  actor: Actor,
  userId: string,
  to: Profile,
): Promise<void> {
  await changes.write(actor, async (tx, record) => {
    const [from] = await tx
      .select({ name: user.name, nickname: user.nickname, picture: user.picture })
      .from(user)
      .where(eq(user.id, userId));
    if (!from || JSON.stringify(from) === JSON.stringify(to)) return;
    await tx
      .update(user)
      .set({ ...to, updatedAt: new Date() })
      .where(eq(user.id, userId));
    await record({
      action: 'user.update',
      target: { kind: 'user', id: userId },
      before: from,
      after: to,
    });
  });
}
