import { right, wrong, type Finding } from './finding.ts';
import type { Answered } from './well-known.ts';

/** Seconds by which clocks may differ, as the verifier has it unless told otherwise. */
const TOLERANCE = 5;
/** Milliseconds: a date is cut to the second, and was written some way off. */
const BLUR = 1000;

export function checkClock({ sentAt, receivedAt }: Answered): readonly Finding[] {
  if (sentAt === undefined) return [];
  const ahead = sentAt + BLUR / 2 - receivedAt;
  if (Math.abs(ahead) <= TOLERANCE * 1000 + BLUR)
    return [right('clock', "The issuer's clock and that of this machine agree.")];
  const by = `${Math.round(Math.abs(ahead) / 1000)} s`;
  return [
    wrong(
      'clock',
      ahead > 0
        ? `The issuer's clock is ${by} ahead of that of this machine: its fresh tokens seem to be of the future and are refused.`
        : `The issuer's clock is ${by} behind that of this machine: its tokens expire early here.`,
      'Set both clocks by NTP. The verifier tolerates 5 s.',
    ),
  ];
}
