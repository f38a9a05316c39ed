/** What a handler sets on a response, on Fastify and on Express alike. */
export interface Reply {
  header(name: string, value: string): Reply;
  status(code: number): Reply;
}
