/** The identifier of the Management API. */
export const MANAGEMENT_AUDIENCE = Symbol('management-audience');
