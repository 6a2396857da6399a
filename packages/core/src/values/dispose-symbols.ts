/*
 * Up to version 22, Node.js has Symbol.dispose and Symbol.asyncDispose in its own realm only. Test runners load modules in
 * realms of node:vm. Without a symbol both methods of a class would have the name "undefined".
 */
for (const name of ['dispose', 'asyncDispose'] as const) {
  // Registered by those versions, so what comes from the realm of Node.js has the same ones.
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`nodejs.${name}`) });
}
