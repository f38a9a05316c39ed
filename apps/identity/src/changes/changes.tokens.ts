export const DATABASE = Symbol('database');
/** The identifier of the Management API. */
export const MANAGEMENT_AUDIENCE = Symbol('management-audience');
