export { StartRefused } from './start-refused.ts';
export { readEnvironment, logLevel, port, type Environment } from './environment.ts';
export { repositoryRoot, dataDirectory } from './repository.ts';
export { holdDirectory, type DirectoryHold } from './directory-hold.ts';
export { createLog, nestLogger, type Log } from './log.ts';
export { isLoopback } from './loopback.ts';
export { hostAllowList } from './host-allow-list.ts';
export { listen, type Listener, type ListenOptions } from './listen.ts';
export { run, type Ready, type RunningService } from './run.ts';
