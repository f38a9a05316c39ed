import { generic } from './generic.preset.ts';
import type { Preset, PresetName } from './preset.ts';

const presets: ReadonlyMap<string, Preset> = new Map([[generic.name, generic]]);

export function presetOf(name: PresetName): Preset | undefined {
  return presets.get(name);
}
