import { benchCommand } from './command.js';
import { install } from './processes/installed.js';

benchCommand('npm run bench:install', 'Installs the rivals into bench/installed, about 800 MB.').parse();
process.exitCode = install() ? 0 : 1;
