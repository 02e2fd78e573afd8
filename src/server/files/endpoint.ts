import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runner } from '../../runner/index.ts';
import type { Arrival } from '../arrival.ts';
import type { ClientKey } from '../client-key.ts';
import type { Limits } from '../limits.ts';
import { type Refusal, sendRefusal } from '../refusal.ts';
import { sendDownload } from './download.ts';
import { createUpload } from './upload.ts';

const PATH = /^\/(datasets|models)\/(.*)$/s;
const METHODS = { datasets: ['GET', 'HEAD', 'PUT'], models: ['GET', 'HEAD'] };

const NOT_FOUND = {
  datasets: { status: 404, code: 'DATASET_NOT_FOUND', message: 'There is no dataset of this name.' },
  models: { status: 404, code: 'MODEL_NOT_FOUND', message: 'There is no such job, or it has no model of this kind.' },
} satisfies Record<string, Refusal>;

/** Serves files at `/datasets/<name>`, `/models/<job id>` and `/models/<job id>.safetensors`; takes datasets in with a PUT. */
export interface FileEndpoint {
  /** Whether a path is one of these. */
  serves(path: string): boolean;
  /** Answers a request for such a path, of somebody who may use the API. */
  answer(path: string, request: IncomingMessage, response: ServerResponse, arrival: Arrival): Promise<void>;
}

export function createFileEndpoint({
  runner,
  limits,
  clientOf,
}: {
  runner: Runner;
  limits: Limits;
  clientOf: ClientKey;
}): FileEndpoint {
  const upload = createUpload({ runner, limits, clientOf });

  return {
    serves: (path) => PATH.test(path),
    async answer(path, request, response, arrival) {
      const [, kind, encoded] = (PATH.exec(path) ?? []) as unknown as [string, keyof typeof METHODS, string];
      const { method = '' } = request;
      const name = decode(encoded);
      if (!METHODS[kind].includes(method)) {
        const allow = METHODS[kind].join(', ');
        const message = `Only ${allow} can be done here.`;
        sendRefusal(response, { status: 405, code: 'METHOD_NOT_ALLOWED', message, headers: { allow } });
        return;
      }
      if (name === null) {
        sendRefusal(response, NOT_FOUND[kind]);
        return;
      }
      await runner.ready;
      if (method === 'PUT') {
        await upload(request, response, name, arrival);
        return;
      }
      const file = kind === 'datasets' ? await runner.datasetFile(name) : await findModel(name);
      if (file === null) sendRefusal(response, NOT_FOUND[kind]);
      else await sendDownload(request, response, file);
    },
  };

  function findModel(name: string): Promise<string | null> {
    const safe = name.endsWith('.safetensors');
    return runner.modelFile(safe ? name.slice(0, -'.safetensors'.length) : name, safe ? 'SAFETENSORS' : 'CHECKPOINT');
  }
}

/** What a path says behind its percent signs; null when that is no text. */
function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
