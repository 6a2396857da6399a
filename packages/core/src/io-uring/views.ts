import { invalidArgType } from '../errors/argument-error.js';

/**
 * A list of views that stays as it is. It is copied by index, as a list of the caller's may change, and may have methods
 * of its own.
 *
 * @throws ERR_INVALID_ARG_TYPE
 */
export function copyOfViews(views: readonly ArrayBufferView[], name: string): readonly ArrayBufferView[] {
  if (!Array.isArray(views)) throw invalidArgType(name, 'an array of ArrayBufferViews', views);
  const count = views.length;
  const copy: ArrayBufferView[] = [];
  for (let index = 0; index < count; index += 1) {
    const view: unknown = views[index];
    if (!ArrayBuffer.isView(view)) throw invalidArgType(`${name}[${index}]`, 'an ArrayBufferView', view);
    copy.push(view);
  }
  return Object.freeze(copy);
}
