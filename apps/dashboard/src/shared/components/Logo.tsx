/** A cloche whose grille is a portcullis of fork tines. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <rect className="logo-ground" width="48" height="48" rx="13" />
      <path className="logo-line" d="M10 25a14 14 0 0 1 28 0M17 17v18l-2 3M24 12v27M31 17v18l2 3M10 25h28" />
    </svg>
  );
}
