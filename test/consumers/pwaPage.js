import { check } from './check.js';
navigator.serviceWorker
  .register('/sw.js')
  .then(() => check('/obelisk.jpg'))
  .then(
    (said) => console.log('consumer: ' + said),
    (error) => console.log('failed: ' + error.stack),
  );
