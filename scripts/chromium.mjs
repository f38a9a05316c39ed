import { findInstalled } from './installed.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const OTHER_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser that tests drive: `CHROMIUM`, or the first one installed; undefined when there is none. */
export function findChromium() {
  return process.env.CHROMIUM || findInstalled(NAMES, OTHER_PLACES);
}
