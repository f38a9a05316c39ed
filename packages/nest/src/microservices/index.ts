export { PortcullisMicroservicesModule } from './microservices.module.ts';
export { withAuthorization } from './with-authorization.ts';
