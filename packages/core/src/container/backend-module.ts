import { ContainerModule } from 'inversify';
import type { BackendSource } from '../selection/backend-source.js';
import { BACKEND } from './tokens.js';

/** The module that adds one backend to those a driver is selected from. */
export function backendModule(backend: BackendSource): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(BACKEND).toConstantValue(backend);
  });
}
