import { uringBackend } from '@polyring/backend-uring';

const driver = uringBackend.create();
process.stdout.write(`${driver.name}\n`);
