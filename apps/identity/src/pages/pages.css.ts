export const PAGES_CSS = `
:root {
  --ink: #1c2430; --soft: #566273; --paper: #ffffff; --ground: #eef1f5; --line: #8a95a5;
  --accent: #1f5f8b; --accent-ink: #ffffff; --bad: #a3261f; --bad-ground: #fdeceb;
  --good: #1d5c36; --good-ground: #e6f4ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8ecf2; --soft: #a9b4c2; --paper: #1b222c; --ground: #10151c; --line: #6d7a8b;
    --accent: #7fbde6; --accent-ink: #0d1822; --bad: #ffb3ad; --bad-ground: #3c1b1a;
    --good: #a5dbb8; --good-ground: #16311f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--ground);
}
main {
  width: 100%; max-width: 26rem; padding: 2rem; background: var(--paper);
  border-top: .25rem solid var(--accent); border-radius: .75rem; box-shadow: 0 1rem 3rem rgb(0 0 0 / .12);
}
.brand { margin: 0; color: var(--soft); font-size: .875rem; font-weight: 600; letter-spacing: .06em; }
h1 { margin: .25rem 0 1rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); font-size: .9375rem; }
label { display: block; margin: 1rem 0 .375rem; font-weight: 600; }
input {
  width: 100%; min-height: 2.875rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .5rem;
}
button {
  width: 100%; min-height: 2.875rem; margin-top: 1.25rem; padding: .5rem 1rem; font: inherit; font-weight: 600;
  color: var(--accent-ink); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem;
  cursor: pointer;
}
button.quiet { margin-top: .75rem; color: var(--ink); background: transparent; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role="alert"] {
  padding: .75rem 1rem; color: var(--bad); background: var(--bad-ground); border-radius: .5rem;
}
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
li { margin: .375rem 0; }
.user-code code { font-size: 1.75rem; font-weight: 600; letter-spacing: .08em; }
code { overflow-wrap: anywhere; font-size: .875rem; }
.hint { margin: .375rem 0 0; color: var(--soft); font-size: .875rem; }
[role="status"] { padding: .75rem 1rem; color: var(--good); background: var(--good-ground); border-radius: .5rem; }
a { color: var(--accent); }
main.wide { max-width: 44rem; align-self: start; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 1.5rem; padding: 0 0 .75rem; list-style: none; border-bottom: 1px solid var(--line); }
nav li { margin: 0; }
nav a { display: inline-block; padding: .375rem 0; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration-thickness: .125rem; }
ul.cards { padding: 0; list-style: none; }
ul.cards > li { margin: 0 0 1rem; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: .5rem; }
.cards h2 { margin: 0 0 .25rem; font-size: 1.0625rem; }
.cards p { margin: 0 0 .25rem; }
.cards ul { margin: .5rem 0 0; }
.wide button { width: auto; min-width: 10rem; }
.cards button { margin-top: .75rem; }
@media (max-width: 30rem) { main { padding: 1.25rem; } .wide button { width: 100%; } }
`;
