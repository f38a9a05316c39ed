import { callerOf, callerRule, protectExpress, publicRule } from '@portcullis/http';
import express from 'express';

const { ISSUER_URL = 'http://localhost:4000/', AUDIENCE = 'https://menu-api.example.com' } = process.env;

const app = express();

protectExpress(
  app,
  { issuer: ISSUER_URL, audience: AUDIENCE },
  {
    'GET /items': publicRule,
    'GET /items/mine': callerRule({ kinds: ['user'] }),
    'POST /items': callerRule({ allOf: ['create:items'] }),
  },
);

app.get('/items', (_request, response) => void response.json(['Burger', 'Pizza', 'Tea']));
app.get('/items/mine', (request, response) => void response.json({ owner: callerOf(request)?.subject }));
app.post('/items', (_request, response) => void response.status(201).json({ created: true }));

app.listen(Number(process.env['PORT'] ?? 7001), '127.0.0.1');
