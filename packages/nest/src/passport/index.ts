export { PortcullisPassportGuard } from './portcullis-passport.guard.ts';
export { PortcullisStrategy } from './portcullis.strategy.ts';
export { FurtherStrategies } from './further-strategies.decorator.ts';
export { refusedHandler } from './refused-handler.ts';
export { createSecretOrKeyProvider, type SecretOrKeyProvider } from './secret-or-key-provider.ts';
