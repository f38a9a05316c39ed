import { callerOf, callerRule, protectFastify, publicRule } from '@portcullis/http';
import fastify from 'fastify';

const { ISSUER_URL = 'http://localhost:4000/', AUDIENCE = 'https://menu-api.example.com' } = process.env;

const app = fastify();

protectFastify(
  app,
  { issuer: ISSUER_URL, audience: AUDIENCE },
  {
    'GET /items': publicRule,
    'GET /items/mine': callerRule({ kinds: ['user'] }),
    'POST /items': callerRule({ allOf: ['create:items'] }),
  },
);

app.get('/items', () => ['Burger', 'Pizza', 'Tea']);
app.get('/items/mine', (request) => ({ owner: callerOf(request.raw)?.subject }));
app.post('/items', (_request, reply) => reply.code(201).send({ created: true }));

await app.listen({ port: Number(process.env['PORT'] ?? 7001), host: '127.0.0.1' });
