/**
 * The processes of the running system, in the order they are named to a person.
 * `flags` keep the API, whose database runs inside it, under its memory budget: V8 compiles the
 * database once and small, and gives back what start-up no longer needs.
 */
export const services = [
  {
    name: 'identity',
    title: 'Identity ',
    flags: ['--liftoff-only', '--optimize-for-size'],
    main: 'apps/identity/dist/main.js',
  },
  {
    name: 'menu-api',
    title: 'Menu API ',
    flags: ['--liftoff-only', '--optimize-for-size'],
    main: 'apps/menu-api/dist/main.js',
  },
  { name: 'dashboard', title: 'Dashboard', flags: [], main: 'apps/dashboard/dist/server/main.js' },
];
