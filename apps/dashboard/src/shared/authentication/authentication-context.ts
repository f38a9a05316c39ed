import { createContext, useContext } from 'react';
import { useObservable } from '../use-observable.ts';
import type { AuthenticationService } from './authentication-service.ts';
import type { AuthenticationState } from './authentication-state.ts';

export const AuthenticationContext = createContext<AuthenticationService | undefined>(undefined);

export function useAuthentication(): AuthenticationService {
  const service = useContext(AuthenticationContext);
  if (!service) throw new TypeError('useAuthentication needs an AuthenticationContext above it');
  return service;
}

export function useAuthenticationState(): AuthenticationState {
  return useObservable(useAuthentication().state);
}
