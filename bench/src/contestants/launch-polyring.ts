import { createDriver } from 'polyring';

const { driver } = await createDriver();
process.stdout.write(`${driver.name}\n`);
