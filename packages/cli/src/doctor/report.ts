import { styleText } from 'node:util';
import type { Writable } from 'node:stream';
import type { Finding } from './finding.ts';

const colours = { right: 'green', doubtful: 'yellow', wrong: 'red' } as const;

/** For people; coloured on a terminal alone. */
export function report(findings: readonly Finding[], stream: Writable, hasToken: boolean): string {
  const lines = findings.flatMap((finding) => {
    const verdict = styleText(colours[finding.verdict], finding.verdict.padEnd(8), { stream });
    const topic = finding.about.padEnd(13);
    const fix = finding.verdict === 'right' ? [] : [`${' '.repeat(24)}Fix: ${finding.fix}`];
    return [`${verdict}  ${topic} ${finding.says}`, ...fix];
  });
  const wrongs = findings.filter(({ verdict }) => verdict === 'wrong').length;
  const summary =
    wrongs === 0
      ? 'Nothing is wrong.'
      : `${wrongs} ${wrongs === 1 ? 'thing is' : 'things are'} wrong; the API will not work as it is.`;
  const more = hasToken ? [] : ['No token was looked at: give one with --token-file or PORTCULLIS_TOKEN.'];
  return `${[...lines, '', summary, ...more].join('\n')}\n`;
}
