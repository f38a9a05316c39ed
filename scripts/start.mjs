import './dot-env.mjs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build, root } from './build.mjs';
import { onParentGone } from './parent.mjs';
import { services } from './services.mjs';
import { Supervisor } from './supervisor.mjs';

const wanted = process.argv.slice(2);
const chosen = services.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

const logs = resolve(root, process.env.DATA_DIR || '.data', 'logs');

let supervisor;
try {
  build();
  supervisor = new Supervisor({
    logs,
    onDeath: (name) => void fail(`${name} ended unexpectedly; its log is in ${logs}`),
  });
} catch (error) {
  const unwritable = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(error.code);
  console.error(
    unwritable
      ? `The folder ${logs} cannot be written. Make it writable, or set DATA_DIR to one that is.`
      : error.message,
  );
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void stop(0));
onParentGone(() => void stop(0));

try {
  const ready = await Promise.all(chosen.map((service) => supervisor.start(service)));
  const api = ready.find(({ name }) => name === 'menu-api');
  if (api && ready.length > 1) await untilReady(new URL('/health/ready', api.url));
  announce(ready);
} catch (error) {
  await fail(error.message);
}

/** The API answers at once; it is ready when it has the issuer's keys. */
async function untilReady(url) {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await wait(100);
  }
  throw new Error(`${url} did not become ready within 30 seconds; the logs are in ${logs}`);
}

function announce(ready) {
  const lines = chosen.map(({ name, title }) => `  ${title}  ${ready.find((one) => one.name === name).url}`);
  const notices = ready.flatMap((one) => one.notices ?? []);
  console.log(
    [
      '',
      'Portcullis is up.',
      '',
      ...lines,
      '',
      ...notices.map((line) => `  ${line}`),
      '',
      `  Logs are in ${logs}. Ctrl-C stops everything.`,
      '',
    ].join('\n'),
  );
}

async function fail(sentence) {
  console.error(sentence);
  await stop(1);
}

async function stop(code) {
  await supervisor.stop();
  process.exit(code);
}
