import { install } from './rivals/installed.js';

process.exitCode = install() ? 0 : 1;
