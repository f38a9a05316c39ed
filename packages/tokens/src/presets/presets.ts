import { auth0 } from './auth0.preset.ts';
import { authentik } from './authentik.preset.ts';
import { cognito } from './cognito.preset.ts';
import { entra } from './entra.preset.ts';
import { generic } from './generic.preset.ts';
import { hydra } from './hydra.preset.ts';
import { keycloak } from './keycloak.preset.ts';
import { logto } from './logto.preset.ts';
import { okta } from './okta.preset.ts';
import { portcullis } from './portcullis.preset.ts';
import type { Preset, PresetName } from './preset.ts';
import { zitadel } from './zitadel.preset.ts';

const presets: Readonly<Record<PresetName, Preset>> = {
  portcullis,
  auth0,
  keycloak,
  entra,
  okta,
  cognito,
  logto,
  zitadel,
  authentik,
  hydra,
  generic,
};

export function isPresetName(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(presets, name);
}

/** What the option `provider` may be. */
export const presetNames: readonly PresetName[] = Object.freeze(Object.keys(presets).filter(isPresetName));

export function presetOf(name: PresetName): Preset {
  return presets[name];
}
