/** Whether oidc-provider's route is one where a person answers for a device. */
export function asksForDevice(route: string): boolean {
  return route === 'code_verification' || route === 'device_resume';
}
