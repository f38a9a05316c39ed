import type { Command } from '../terminal.ts';
export const doctor: Command = () => Promise.resolve(0);
