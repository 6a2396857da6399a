import type { Binding, NativeRing } from './binding.js';
import { loadBinding } from './binding.js';

/** Stands between TypeScript and the addon's enter: gets the call, and how to make it. */
export type EnterInterceptor = (
  call: { readonly toSubmit: number; readonly minComplete: number; readonly flags: number },
  enter: (toSubmit: number) => number,
) => number;

/** The addon with another `enter`, so that tests see every call and can answer as a kernel in trouble would. */
export function interceptedBinding(interceptor: EnterInterceptor): Binding {
  const binding = loadBinding();
  class InterceptedRing {
    constructor(entries: number, completionEntries: number, flags: number) {
      const native = new binding.Ring(entries, completionEntries, flags);
      const intercepted: Partial<Record<keyof NativeRing, unknown>> = {
        enter: (toSubmit: number, minComplete: number, enterFlags: number) =>
          interceptor({ toSubmit, minComplete, flags: enterFlags }, (count) =>
            native.enter(count, minComplete, enterFlags),
          ),
        register: native.register.bind(native),
        mapMemory: native.mapMemory.bind(native),
        adopt: native.adopt.bind(native),
        closeAdopted: native.closeAdopted.bind(native),
        disown: native.disown.bind(native),
        expectStray: native.expectStray.bind(native),
        share: native.share.bind(native),
        unshare: native.unshare.bind(native),
        close: native.close.bind(native),
        abandon: native.abandon.bind(native),
        settled: native.settled.bind(native),
      };
      Object.assign(this, native, intercepted);
    }
  }
  return { Ring: InterceptedRing as unknown as Binding['Ring'], addressOf: binding.addressOf };
}
