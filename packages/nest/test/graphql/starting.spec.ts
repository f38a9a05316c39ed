import { Controller, Get, Module } from '@nestjs/common';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { NestFactory } from '@nestjs/core';
import { Field, Mutation, ObjectType, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Public, PortcullisModule, RequirePermissions, RouteAudit } from '@portcullis/nest';
import { PortcullisGraphqlModule } from '@portcullis/nest/graphql';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { GraphQLScalarType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ADAPTERS, ask, start } from './graphql-app.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

@ObjectType()
class Table {
  @Field(() => String) name!: string;
}

@Resolver()
@Public()
class OpenResolver {
  @Query(() => Table) table(): Table {
    return { name: 'one' };
  }
}

@Resolver(() => Table)
class SilentResolver {
  @Query(() => Table) tables() {}
  @Mutation(() => Table) lay() {}
  @Subscription(() => Table) laid() {}
  @ResolveField(() => String) guests() {}
  @Query(() => Table) @Public() known() {}
  helper() {}
}

abstract class Listing {
  @Query(() => String) @RequirePermissions('read:tables') listing() {
    return 'base';
  }
}

@Resolver()
class HeirResolver extends Listing {
  @Query(() => String) override listing() {
    return 'heir';
  }
}

@Resolver(() => Table)
@Public()
class MaskedResolver {
  @ResolveField('waiter', () => String) __resolveType() {
    return 'unguarded';
  }
}

@Controller()
class PageController {
  @Get('page') @Public() page() {
    return 'page';
  }
}

describe.each(ADAPTERS)('the application starts, on %s,', (adapter) => {
  it('with rules for all of its resolvers, and lists them', async () => {
    const { app, url } = await start({ adapter, issuer, controllers: [PageController] });
    expect((await fetch(url.replace('graphql', 'page'))).status).toBe(200);
    const resolvers = app.get(RouteAudit).routes.filter(({ context }) => context === 'graphql');
    expect(
      resolvers.map(({ controller, handler, method, paths, rule }) =>
        [`${controller}.${handler}`, method, ...paths, rule.access].join(' '),
      ),
    ).toEqual([
      'EdibleResolver.cost FIELD Edible.cost caller',
      'DishResolver.dishes QUERY Query.dishes public',
      'DishResolver.edible QUERY Query.edible public',
      'DishResolver.served QUERY Query.served public',
      'DishResolver.chef FIELD Dish.chef public',
      'DishResolver.similar FIELD Dish.similar public',
      'DishResolver.addDish MUTATION Mutation.addDish caller',
      'DishResolver.dishServed SUBSCRIPTION Subscription.dishServed caller',
      'DishResolver.anyDish SUBSCRIPTION Subscription.anyDish public',
      'ChefResolver.salary FIELD Chef.salary caller',
      'WhoResolver.me QUERY Query.me caller',
      'WhoResolver.visitor QUERY Query.visitor public',
      'WhoResolver.secret QUERY Query.secret caller',
      'WhoResolver.recent QUERY Query.recent caller',
      'WhoResolver.missing QUERY Query.missing public',
    ]);
  });

  it('with the rule of the method that a resolver overrides', async () => {
    const { url } = await start({ adapter, issuer, resolvers: [OpenResolver, HeirResolver] });
    expect((await ask(url, '{ listing }')).body.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    const headers = { ...(await signInAs(issuer, { permissions: ['read:tables'] })) };
    expect((await ask(url, '{ listing }', headers)).body.data).toEqual({ listing: 'heir' });
  });

  it('not while a resolver has no rule', async () => {
    const refused = start({ adapter, issuer, resolvers: [OpenResolver, SilentResolver] });
    await expect(refused).rejects.toThrow(
      [
        'These handlers say nothing about who may call them:',
        '  SilentResolver.tables (Query.tables)',
        '  SilentResolver.lay (Mutation.lay)',
        '  SilentResolver.laid (Subscription.laid)',
        '  SilentResolver.guests (Table.guests)',
        'Put @Public(), @Authenticated() or @RequirePermissions(…) on each, or on its class.',
      ].join('\n'),
    );
  });

  it.each([[undefined], [[]], [['interceptors' as const]]])(
    'not while field resolvers would answer unguarded: fieldResolverEnhancers %s',
    async (fieldResolverEnhancers) => {
      const refused = start({
        adapter,
        issuer,
        graphql: { fieldResolverEnhancers: fieldResolverEnhancers ?? [] },
      });
      await expect(refused).rejects.toThrow(/put "fieldResolverEnhancers: \['guards'\]" into/);
    },
  );

  it('not without protection against forged requests', async () => {
    const refused = start({ adapter, issuer, graphql: { csrfPrevention: false } });
    await expect(refused).rejects.toThrow(/leave it out/);
  });

  it('not while something answers that no guard sees', async () => {
    await expect(start({ adapter, issuer, resolvers: [OpenResolver, MaskedResolver] })).rejects.toThrow(
      /unguarded: give MaskedResolver\.__resolveType another name/,
    );
  });

  it.each<[string, string, NonNullable<ApolloDriverConfig['resolvers']> | undefined]>([
    ['a field that no method answers', 'Query.plain', undefined],
    ['a function', 'Query.plain', { Query: { plain: () => 'unguarded' } }],
    ['a function in place of a method', 'Query.table', { Query: { table: () => ({ name: 'unguarded' }) } }],
    ['a function for a field', 'Table.name', [{ Table: { name: { resolve: () => 'unguarded' } } }]],
    ['a function for an entity', 'Table.__resolveReference', { Table: { __resolveReference: () => ({}) } }],
  ])('not while something answers that no guard sees: %s', async (_case, field, own) => {
    const plain = field === 'Query.plain' ? ', plain: String' : '';
    const refused = start({
      adapter,
      issuer,
      resolvers: [OpenResolver],
      graphql: {
        autoSchemaFile: false,
        typeDefs: `type Table { name: String } type Query { table: Table${plain} }`,
        ...(own && { resolvers: own }),
      },
    });
    await expect(refused).rejects.toThrow(`No guard sees ${field}: answer with a method`);
  });

  it('with scalars, enumerations and names of types among the resolvers of its own', async () => {
    const day = new GraphQLScalarType({ name: 'Day' });
    const { url } = await start({
      adapter,
      issuer,
      resolvers: [OpenResolver],
      graphql: {
        autoSchemaFile: false,
        typeDefs:
          'scalar Day enum Size { BIG } union Any = Table type Table { name: String } type Query { table: Table }',
        resolvers: { Day: day, Size: { BIG: 1 }, Any: { __resolveType: () => 'Table' } },
      },
    });
    expect((await ask(url, '{ table { name } }')).body).toEqual({ data: { table: { name: 'one' } } });
  });

  it('not with an origin that is none', async () => {
    const refused = async () => start({ adapter, issuer, guarded: { origins: ['menu.example'] } });
    await expect(refused()).rejects.toThrow(/"menu.example" is not/);
  });

  it('not while the module is left out', async () => {
    await expect(start({ adapter, issuer, guarded: null })).rejects.toThrow(
      /nothing guards that context:[^]*WhoResolver\.secret \(Query\.secret\)[^]*Import PortcullisGraphqlModule/,
    );
  });
});

it('the module refuses to stand alone', async () => {
  @Module({
    imports: [
      PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience }),
      PortcullisGraphqlModule,
    ],
  })
  class WithoutGraphql {}
  const app = await NestFactory.create(WithoutGraphql, new FastifyAdapter(), {
    abortOnError: false,
    logger: false,
  });
  onTestFinished(() => app.close());
  await expect(app.init()).rejects.toThrow(/import GraphQLModule beside it/);
});
