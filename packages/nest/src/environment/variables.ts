import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigurationRefused, refuseAny, type Complaint } from './configuration-refused.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that `shape` names. One set to the empty string counts as unset. `NAME_FILE` gives the path of a
 * file whose content, without its last line break, is the value of `NAME`. A field carries `.meta({ example })`, shown when
 * its value is refused.
 *
 * @throws ConfigurationRefused naming every variable that is wrong
 */
export function readVariables<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  const values: Record<string, string> = {};
  const unreadable: Complaint[] = [];
  for (const name of Object.keys(shape)) {
    const value = valueOf(name, environment);
    if (typeof value === 'object') unreadable.push(value);
    else if (value !== undefined) values[name] = value;
  }
  refuseAny(unreadable);
  const result = z.object(shape).safeParse(values);
  if (result.success) return result.data;
  throw new ConfigurationRefused(result.error.issues.map((issue) => complaintAbout(issue, shape, values)));
}

function valueOf(name: string, environment: Environment): string | Complaint | undefined {
  const value = environment[name];
  const file = environment[`${name}_FILE`];
  if (!file) return value || undefined;
  if (value) return { variable: name, wrong: `and ${name}_FILE are both set: keep one` };
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    return {
      variable: `${name}_FILE`,
      wrong: `names a file that cannot be read (${reason})`,
      example: `/run/secrets/${name.toLowerCase()}`,
    };
  }
}

function complaintAbout(
  issue: z.core.$ZodIssue,
  shape: z.ZodRawShape,
  values: Readonly<Record<string, string>>,
): Complaint {
  const variable = String(issue.path[0]);
  const field = shape[variable];
  const example = field instanceof z.ZodType ? field.meta()?.['example'] : undefined;
  return {
    variable,
    wrong: Object.hasOwn(values, variable) ? issue.message : 'is not set',
    example: typeof example === 'string' ? example : undefined,
  };
}
