export const LOG = Symbol('log');
export const DATABASE = Symbol('database');
export const SETTINGS = Symbol('settings');
