import { createCluster } from './cluster.ts';

// A process of its own: making a cluster takes half a gigabyte, which the maker never gives back.
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError('usage: create-cluster <directory>');
// Whoever asked for it is gone.
process.once('disconnect', () => process.exit(1));
await createCluster(directory);
process.exit(0);
