/** The id of a request: Fastify gives each one; on Express, what a middleware of the application wrote. */
export function requestIdOf(request: unknown): string | undefined {
  return typeof request === 'object' && request !== null && 'id' in request && typeof request.id === 'string'
    ? request.id
    : undefined;
}
