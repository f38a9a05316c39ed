/** Seconds that an API's access tokens may live at most: what is denied has to be remembered for as long. */
export const LONGEST_TOKEN_LIFETIME = 24 * 60 * 60;
