import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { refuse, type Complaint } from './complaint.ts';
import { StartRefused } from './start-refused.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that `shape` names, once, at start. A variable set to the empty string counts
 * as unset. `NAME_FILE` gives the path of a file whose content, without its last line break, is the
 * value of `NAME`. Every field may carry `.meta({ example: '…' })`, shown when its value is refused.
 *
 * @throws StartRefused naming every variable that is wrong, why, and an example; never a value.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    const value = readVariable(name, environment);
    if (value !== undefined) values[name] = value;
  }
  const result = z.object(shape).safeParse(values);
  if (result.success) return result.data;
  return refuse(result.error.issues.map((issue) => complaintAbout(issue, shape, values)));
}

function readVariable(name: string, environment: Environment): string | undefined {
  const value = environment[name];
  const file = environment[`${name}_FILE`];
  if (!file) return value || undefined;
  if (value) throw new StartRefused(`${name} and ${name}_FILE are both set. Keep one of them.`);
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new StartRefused(
      `${name}_FILE names a file that cannot be read (${reason}). Example: ${name}_FILE=/run/secrets/${name.toLowerCase()}`,
      { cause },
    );
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

/** A TCP port, 1 to 65535, from its decimal digits. */
export function port(): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port number')
    .transform(Number)
    .refine((value) => value > 0 && value < 65_536, 'is not a port number');
}

/** The least level that is logged, of pino's and `silent`. Default `info`. */
export function logLevel() {
  return z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ example: 'info' });
}
