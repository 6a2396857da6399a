export * from '@polyring/core';
