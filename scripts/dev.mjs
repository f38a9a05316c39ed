import './dot-env.mjs';
import { spawn } from 'node:child_process';
import { build, root } from './build.mjs';
import { onParentGone } from './parent.mjs';
import { services } from './services.mjs';

// Compilers watch the sources, each service restarts when what it runs was compiled anew.
build();
const tool = (path, ...argv) => [`${root}/node_modules/${path}`, ...argv];
const commands = [
  { argv: tool('typescript/bin/tsc', '-b', '--watch', '--preserveWatchOutput'), cwd: root },
  { argv: tool('vite/bin/vite.js', 'build', '--watch', '--logLevel', 'warn'), cwd: `${root}/apps/dashboard` },
  ...services.map(({ main, flags }) => ({
    argv: [...flags, '--watch', '--watch-preserve-output', main],
    cwd: root,
  })),
];
const children = commands.map(({ argv, cwd }) => spawn(process.execPath, argv, { cwd, stdio: 'inherit' }));
const stop = () => children.forEach((child) => child.kill('SIGTERM'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
onParentGone(stop);
await Promise.all(children.map((child) => new Promise((resolve) => child.on('close', resolve))));
