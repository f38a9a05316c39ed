import { holdDirectory } from '@portcullis/service';

const [directory = ''] = process.argv.slice(2);
holdDirectory(directory);
process.send?.('held');
process.stdin.resume();
