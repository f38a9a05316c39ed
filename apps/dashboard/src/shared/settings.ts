import { z } from './schema.ts';

const Settings = z.object({
  domain: z.string(),
  clientId: z.string(),
  audience: z.string(),
  apiUrl: z.string(),
});

export type Settings = z.infer<typeof Settings>;

/** What this build is told at run time by the server that serves it. */
export async function loadSettings(): Promise<Settings> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  if (!response.ok) throw new Error(`The dashboard's server answered ${response.status}.`);
  return Settings.parse(await response.json());
}
