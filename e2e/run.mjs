/**
 * Runs the browser tests on a port that is free, so that `npm start` may go on beside them: `npm
 * run e2e -- FILE --trace on`. PORT chooses one.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((answer, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => answer(port));
    });
  });

const port = process.env.PORT ?? String(await freePort());
const child = spawn('npx', ['playwright', 'test', '-c', 'e2e', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, PORT: port },
});
child.on('exit', (status) => {
  process.exitCode = status ?? 1;
});
