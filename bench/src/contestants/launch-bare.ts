// A module that imports nothing.
process.stdout.write('done\n');

export {};
