import { check } from './check.js';
navigator.serviceWorker
  .register('/sw.js')
  .then(() => check('/orange.jpg'))
  .then(
    (said) => console.log('consumer: ' + said),
    (error) => console.log('failed: ' + error.stack),
  );
