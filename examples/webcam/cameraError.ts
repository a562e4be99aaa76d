/** cameraError: why there is no picture of a camera, as an error with a sentence that says what to do here. */

const SENTENCES: Record<string, string> = {
  NotFoundError: 'There is no camera here. Plug one in and start again, or show it our samples.',
  NotAllowedError:
    'The browser did not allow the camera. Allow it in the address bar and start again, or show it our samples.',
  NotReadableError:
    'The camera is in use by another program. Close that and start again, or show it our samples.',
  OverconstrainedError: 'That camera is no longer there. Choose another one, or start again.',
  NotSupportedError:
    'This browser gives no page a camera. Try another browser, or show it our samples.',
  AbortError:
    'The camera did not start. Unplug it, plug it in and start again, or show it our samples.',
};

export const UNPLUGGED =
  'The camera was unplugged, or taken by another program. Plug it in and start again.';

export function cameraError(error: unknown): unknown {
  const sentence = SENTENCES[(error as Error).name];
  return sentence ? new Error(sentence, { cause: error }) : error;
}
