import { run, StartRefused } from '@portcullis/service';

const [how = ''] = process.argv.slice(2);
await run(async () => {
  if (how === 'refused') throw new StartRefused('PORT: is not a port number. Example: PORT=7000');
  if (how === 'broken') throw new TypeError('a bug');
  const life = setInterval(() => undefined, 1000);
  return {
    url: 'http://localhost:7000',
    notices: ['shown once'],
    stop: async () => {
      clearInterval(life);
      console.log('stopped');
      if (how === 'stuck') throw new Error('cannot stop');
      return Promise.resolve();
    },
  };
});
