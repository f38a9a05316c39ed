/** The body of every refusal (RFC 9457), as a schema of OpenAPI 3.0. */
export const problemSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'message', 'statusCode'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    message: { type: 'string', description: 'the same as detail' },
    statusCode: { type: 'integer', description: 'the same as status' },
    code: { type: 'string', description: 'stable name of the failure, for programs' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer (RFC 6901) to the field' },
          message: { type: 'string' },
        },
      },
    },
    missingPermissions: { type: 'array', items: { type: 'string' } },
  },
};
