/** A decorator that puts a function of its own in place of the method, with its metadata. */
export function wrapped(_prototype, _name, descriptor) {
  const method = descriptor.value;
  const around = (...values) => method(...values);
  for (const key of Reflect.getMetadataKeys(method))
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), around);
  descriptor.value = around;
}
