/** The folder of the compiled modules. It stands beside the entry, into which it is bundled when the package is packed. */
export const MODULES_FOLDER = new URL('.', import.meta.url);
