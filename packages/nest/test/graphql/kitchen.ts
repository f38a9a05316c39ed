import { EventEmitter, on } from 'node:events';
import { NotFoundException } from '@nestjs/common';
import {
  Field,
  ID,
  InterfaceType,
  Int,
  Mutation,
  ObjectType,
  Parent,
  Query,
  createUnionType,
} from '@nestjs/graphql';
import { Args, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import {
  Authenticated,
  CurrentCaller,
  Public,
  RecentLogin,
  RequirePermissions,
  type Caller,
} from '@portcullis/nest';

/** What a resolver that asks for a permission did, since the test began. */
export const reached: string[] = [];

const served = new EventEmitter();

/** A dish comes out of the kitchen: whoever subscribed is told. */
export function serve(name: string): void {
  served.emit('dish', { id: '9', name });
}

/** The same, once somebody more is listening. */
export async function serveSoon(name: string): Promise<void> {
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  const listened = (event: string): void => void (event === 'dish' && resolve());
  served.on('newListener', listened);
  await listening;
  served.off('newListener', listened);
  serve(name);
}

@InterfaceType({ resolveType: (value: object) => ('volume' in value ? Drink : Dish) })
export abstract class Edible {
  @Field(() => ID) id!: string;
  @Field(() => String) name!: string;
}

@ObjectType()
export class Chef {
  @Field(() => String) name!: string;
}

@ObjectType({ implements: () => [Edible] })
export class Dish extends Edible {}

@ObjectType({ implements: () => [Edible] })
export class Drink extends Edible {
  @Field(() => Int) volume!: number;
}

export const Served = createUnionType({
  name: 'Served',
  types: () => [Dish, Drink] as const,
  resolveType: (value: object) => ('volume' in value ? Drink : Dish),
});

const soup = { id: '1', name: 'Soup' };
const tea = { id: '2', name: 'Tea', volume: 3 };

@Resolver(() => Edible)
@Public()
export class EdibleResolver {
  @ResolveField(() => Int, { nullable: true })
  @RequirePermissions('read:costs')
  cost(@Parent() edible: Edible): number {
    reached.push(`cost of ${edible.name}`);
    return 7;
  }
}

@Resolver(() => Dish)
@Public()
export class DishResolver {
  @Query(() => [Dish]) dishes() {
    return [soup];
  }

  @Query(() => Edible) edible(@Args('id', { type: () => ID }) id: string) {
    return id === '1' ? soup : tea;
  }

  @Query(() => [Served]) served() {
    return [soup, tea];
  }

  @ResolveField(() => Chef) chef() {
    return { name: 'Ada' };
  }

  @ResolveField(() => [Dish]) similar() {
    return [soup];
  }

  @Mutation(() => Dish)
  @RequirePermissions('create:dishes')
  addDish(@Args('name', { type: () => String }) name: string) {
    reached.push(`add ${name}`);
    return { id: '3', name };
  }

  @Subscription(() => Dish, { resolve: (dish: unknown) => dish })
  @RequirePermissions('read:dishes')
  async *dishServed(): AsyncGenerator {
    for await (const [dish] of on(served, 'dish')) yield dish;
  }

  @Subscription(() => Dish, { resolve: (dish: unknown) => dish })
  async *anyDish(): AsyncGenerator {
    for await (const [dish] of on(served, 'dish')) yield dish;
  }
}

@Resolver(() => Chef)
export class ChefResolver {
  @ResolveField(() => Int, { nullable: true })
  @RequirePermissions('read:salaries')
  salary(): number {
    reached.push('salary');
    return 1000;
  }
}

@Resolver()
export class WhoResolver {
  @Query(() => String, { nullable: true }) @Authenticated() me(@CurrentCaller() caller: Caller) {
    return caller.subject;
  }

  @Query(() => String, { nullable: true }) @Public() visitor(
    @CurrentCaller({ optional: true }) caller: Caller | undefined,
  ) {
    return caller?.subject;
  }

  @Query(() => String, { nullable: true }) @RequirePermissions('read:secrets') secret() {
    reached.push('secret');
    return 'mole';
  }

  @Query(() => String, { nullable: true }) @RecentLogin(60) recent() {
    reached.push('recent');
    return 'recent';
  }

  @Query(() => String, { nullable: true }) @Public() missing() {
    throw new NotFoundException('no such dish');
  }
}

export const kitchen = [EdibleResolver, DishResolver, ChefResolver, WhoResolver];
