/** cameraError: turns errors of the camera into messages that say what to do on this page. */

const MESSAGES: Record<string, string> = {
  NotFoundError: 'No camera was found. Connect one and start again, or use the sample pictures.',
  NotAllowedError:
    'The browser blocked the camera. Allow it in the address bar and start again, or use the sample pictures.',
  NotReadableError:
    'The camera is in use by another program. Close that program and start again, or use the sample pictures.',
  OverconstrainedError: 'That camera is no longer connected. Choose another one or start again.',
  NotSupportedError:
    'This browser does not support cameras. Try another browser, or use the sample pictures.',
  AbortError: 'The camera did not start. Reconnect it and start again, or use the sample pictures.',
};

export const DISCONNECTED =
  'The camera was unplugged, or another program took it. Reconnect it and start again.';

export function cameraError(error: unknown): unknown {
  const message = MESSAGES[(error as Error).name];
  return message ? new Error(message, { cause: error }) : error;
}
