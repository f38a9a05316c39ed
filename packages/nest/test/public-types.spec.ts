import {
  CurrentCaller,
  permissionDecorators,
  type Caller,
  type PortcullisAsyncOptions,
  type PortcullisOptions,
  type PortcullisOptionsFactory,
} from '@portcullis/nest';
import { describe, expect, expectTypeOf, it } from 'vitest';

type Trusted = { issuer: string; audience: string };
const { RequirePermissions, RequireAnyPermission, holds } = permissionDecorators([
  'create:items',
  'delete:items',
]);

type Permission = 'create:items' | 'delete:items';

/** All of this is checked by `npm run types`: a mistake here is one of the compiler's. */
describe('what does not compile', () => {
  it('options without an issuer or an audience, of the module and of a named verifier', () => {
    expectTypeOf<{ audience: string }>().not.toExtend<PortcullisOptions>();
    expectTypeOf<{ issuer: string }>().not.toExtend<PortcullisOptions>();
    type Named = Trusted & { verifiers: { partner: { issuer: string } } };
    expectTypeOf<Named>().not.toExtend<PortcullisOptions>();
  });

  it('asynchronous options that come from nowhere, or that are not whole', () => {
    expectTypeOf<object>().not.toExtend<PortcullisAsyncOptions>();
    expectTypeOf<{ useFactory: () => { issuer: string } }>().not.toExtend<PortcullisAsyncOptions>();
    expectTypeOf<{ useClass: new () => object }>().not.toExtend<PortcullisAsyncOptions>();
  });

  it('a permission that is not in the declared list, or none at all', () => {
    expectTypeOf<['create:itmes']>().not.toExtend<Parameters<typeof RequirePermissions>>();
    expectTypeOf<['create:items', 'delete:itmes']>().not.toExtend<Parameters<typeof RequireAnyPermission>>();
    expectTypeOf<[undefined, 'create:itmes']>().not.toExtend<Parameters<typeof holds>>();
    expectTypeOf<[]>().not.toExtend<Parameters<typeof RequirePermissions>>();
  });

  it('a parameter that takes only a Caller where there may be none, or something else', () => {
    class Handlers {
      present(@CurrentCaller() _caller: Caller) {}
      second(_id: string, @CurrentCaller() _caller: Caller) {}
      possible(@CurrentCaller({ optional: true }) _caller: Caller | undefined) {}
      omittable(@CurrentCaller({ optional: true }) _caller?: Caller) {}
      subject(@CurrentCaller() { subject }: Pick<Caller, 'subject'>) {
        return subject;
      }
      // @ts-expect-error there may be none
      absent(@CurrentCaller({ optional: true }) _caller: Caller) {}
      // @ts-expect-error a Caller is no string
      other(@CurrentCaller() _caller: string) {}
      // @ts-expect-error a Caller has no such member
      invented(@CurrentCaller() _caller: { readonly email: string }) {}
    }
    expectTypeOf<Parameters<Handlers['present']>>().toEqualTypeOf<[Caller]>();
    expect(Object.getOwnPropertyNames(Handlers.prototype)).toContain('possible');
  });

  it('a change to a Caller', () => {
    expectTypeOf<Caller>().toEqualTypeOf<Readonly<Caller>>();
    expectTypeOf<Caller['permissions']>().toEqualTypeOf<ReadonlySet<string>>();
    expectTypeOf<Caller['permissions']>().not.toExtend<Set<string>>();
  });
});

describe('what the types say', () => {
  it('options are those of a verifier and more', () => {
    expectTypeOf<Trusted>().toExtend<PortcullisOptions>();
    expectTypeOf<PortcullisOptions>().toHaveProperty('verifiers');
    expectTypeOf<{ useFactory: () => Promise<PortcullisOptions> }>().toExtend<PortcullisAsyncOptions>();
    expectTypeOf<{ useClass: new () => PortcullisOptionsFactory }>().toExtend<PortcullisAsyncOptions>();
  });

  it('permission names are the union of the list', () => {
    expectTypeOf(RequirePermissions).parameters.items.toEqualTypeOf<Permission>();
  });
});
