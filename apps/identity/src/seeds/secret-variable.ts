import { readEnvironment, type Environment } from '@portcullis/service';
import { z } from 'zod';

/** A secret that a seed file names by its variable, or the one with `_FILE`; undefined when neither is set. */
export function secretVariable(variable: string, environment: Environment): string | undefined {
  return readEnvironment({ [variable]: z.string().optional() }, environment)[variable];
}
