/** povray: runs POV-Ray on a scene. */
import { spawn } from 'node:child_process';

export function povray(folder, args) {
  return new Promise((resolve, reject) => {
    const child = spawn('povray', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)));
    child.on('error', (error) => reject(error.code === 'ENOENT' ? new Error('povray is not installed') : error));
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`povray exited with code ${code}:\n${log}`))));
  });
}
