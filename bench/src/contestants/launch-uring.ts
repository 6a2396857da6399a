import { uringBackend } from '@polyring/backend-uring';

const driver = uringBackend.create();
if (!driver.closed) process.stdout.write('done\n');
