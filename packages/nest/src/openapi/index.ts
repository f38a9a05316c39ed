export { withAccess } from './with-access.ts';
export { accessTrials, type AccessTrial, type TrialClaims } from './access-trials.ts';
export { problemSchema } from './problem.schema.ts';
