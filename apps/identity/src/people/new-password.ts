import { z } from 'zod';

const typed = z
  .string('Each of the three fields must be filled in.')
  .min(1, 'Each of the three fields must be filled in.')
  .max(1024, 'The password is too long.');

/** A form that asks for the current password and, twice, for a new one. */
export const NewPassword = z
  .object({ current: typed, new: typed, repeated: typed })
  .refine((form) => form.new.normalize('NFC') === form.repeated.normalize('NFC'), {
    error: 'The new password was not typed the same twice.',
    path: ['repeated'],
  });
