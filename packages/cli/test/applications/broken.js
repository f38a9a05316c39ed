export const secret = (() => {
  throw new Error('no database here');
})();
