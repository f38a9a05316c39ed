import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Field, Mutation, ObjectType, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Public, PortcullisModule, RequirePermissions } from '@portcullis/nest';
import { PortcullisGraphqlModule, ResolverAudit } from '@portcullis/nest/graphql';
import { signInAs } from '@portcullis/nest/testing';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ADAPTERS, ask, start } from './graphql-app.ts';
import { reached } from './kitchen.ts';

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
    const resolvers = app.get(ResolverAudit, { strict: false }).resolvers;
    expect(
      resolvers.map(({ controller, handler, type, field, rule }) =>
        [`${controller}.${handler}`, type, field, rule.access].join(' '),
      ),
    ).toEqual([
      'EdibleResolver.cost ResolveField Edible.cost caller',
      'DishResolver.dishes Query Query.dishes public',
      'DishResolver.edible Query Query.edible public',
      'DishResolver.served Query Query.served public',
      'DishResolver.chef ResolveField Dish.chef public',
      'DishResolver.similar ResolveField Dish.similar public',
      'DishResolver.addDish Mutation Mutation.addDish caller',
      'DishResolver.dishServed Subscription Subscription.dishServed caller',
      'DishResolver.anyDish Subscription Subscription.anyDish public',
      'ChefResolver.salary ResolveField Chef.salary caller',
      'WhoResolver.me Query Query.me caller',
      'WhoResolver.visitor Query Query.visitor public',
      'WhoResolver.secret Query Query.secret caller',
      'WhoResolver.recent Query Query.recent caller',
      'WhoResolver.missing Query Query.missing public',
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
        'These resolvers say nothing about who may call them:',
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
    const refused = start({
      adapter,
      issuer,
      resolvers: [OpenResolver],
      graphql: {
        autoSchemaFile: false,
        typeDefs: 'type Table { name: String } type Query { table: Table, plain: String }',
        resolvers: { Query: { plain: () => 'unguarded' } },
      },
    });
    await expect(refused).rejects.toThrow(/No guard sees Query\.plain: answer with a method/);
  });

  it('not with an origin that is none', async () => {
    const refused = async () => start({ adapter, issuer, guarded: { origins: ['menu.example'] } });
    await expect(refused()).rejects.toThrow(/"menu.example" is not/);
  });

  it('and refuses every field, even public ones, while the module is left out', async () => {
    reached.length = 0;
    const { url } = await start({ adapter, issuer, guarded: null });
    const headers = { ...(await signInAs(issuer, { permissions: ['read:secrets'] })) };
    for (const query of ['{ dishes { name } }', '{ secret }', '{ visitor }']) {
      const { status, text, body } = await ask(url, query, headers);
      expect(status).toBe(200);
      expect(body.errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN']);
      expect(text).toContain('ERR_NO_RULE');
    }
    expect(reached).toEqual([]);
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
