// A module that imports nothing.
process.stdout.write('bare\n');

export {};
