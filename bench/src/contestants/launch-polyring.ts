import { createDriver } from 'polyring';

const { driver } = await createDriver();
if (!driver.closed) process.stdout.write('done\n');
