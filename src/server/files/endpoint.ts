import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Runner } from '../../runner/index.ts';
import { type AuditResult, failedWith, recordAction } from '../../resolvers/audit.ts';
import { type ForbiddenError, forbidden, mayAdminister, mayOperate } from '../../resolvers/authorize.ts';
import type { Context } from '../../resolvers/context.ts';
import type { Limits } from '../limits/limits.ts';
import { type Refusal, sendRefusal } from '../http/refusal.ts';
import type { RequestTimeout } from '../http/request-timeout.ts';
import { sendDownload } from './download.ts';
import { sendOnnx } from './send-onnx.ts';
import { sendText } from './send-text.ts';
import { createUpload } from './upload.ts';

/** Paths of jobs are below those of the pages of jobs, for example `/jobs/<id>/log`. */
const PATH = /^\/(datasets|models|jobs(?=\/[^/]*\/(?:log$|files\/)))\/(.*)$/s;
const METHODS = { datasets: ['GET', 'HEAD', 'PUT'], models: ['GET', 'HEAD'], jobs: ['GET', 'HEAD'] };

const NOT_FOUND = {
  datasets: { status: 404, code: 'DATASET_NOT_FOUND', message: 'No dataset has this name.' },
  models: {
    status: 404,
    code: 'MODEL_NOT_FOUND',
    message: 'No job has this id, or the job has no model in this format.',
  },
  jobs: { status: 404, code: 'FILE_NOT_FOUND', message: 'No job has this id, or the job has no file with this path.' },
} satisfies Record<string, Refusal>;

/**
 * Serves files at `/datasets/<name>`, `/models/<job id>`, `/models/<job id>.safetensors`, `/models/<job id>.onnx`,
 * `/jobs/<job id>/files/<path>` and `/jobs/<job id>/log`; accepts dataset uploads by PUT.
 */
export interface FileEndpoint {
  /** Whether this endpoint serves a path. */
  serves(path: string): boolean;
  /** Answers an authorized request for such a path. */
  answer(path: string, request: IncomingMessage, response: ServerResponse, timeout: RequestTimeout): Promise<void>;
}

/** The name of an upload in the audit log. */
const UPLOAD = 'uploadDataset';

/** Operators add datasets. Only admins replace them: datasets have no owner, and other users' jobs may need the old one. */
function refuseUpload(context: Context, { url = '/' }: IncomingMessage): ForbiddenError | null {
  if (!mayOperate(context)) return forbidden(context, UPLOAD);
  const replaces = new URL(url, 'http://localhost').searchParams.get('replace') === 'true';
  return replaces && !mayAdminister(context) ? forbidden(context, 'replacing a dataset') : null;
}

export function createFileEndpoint({
  runner,
  limits,
  contextOf,
}: {
  runner: Runner;
  limits: Limits;
  /** The context of an operation that a request asks for. */
  contextOf: (request: IncomingMessage) => Context;
}): FileEndpoint {
  const upload = createUpload({ runner, limits });

  return {
    serves: (path) => PATH.test(path),
    async answer(path, request, response, timeout) {
      const [, kind, encoded] = (PATH.exec(path) ?? []) as unknown as [string, keyof typeof METHODS, string];
      const { method = '' } = request;
      const name = decode(encoded);
      if (!METHODS[kind].includes(method)) {
        const allow = METHODS[kind].join(', ');
        const message = `Method not allowed. Use ${allow}.`;
        sendRefusal(response, { status: 405, code: 'METHOD_NOT_ALLOWED', message, headers: { allow } });
        return;
      }
      if (name === null) {
        sendRefusal(response, NOT_FOUND[kind]);
        return;
      }
      const context = contextOf(request);
      await runner.ready;
      if (method === 'PUT') {
        await uploadAs(context, request, response, name, timeout);
        return;
      }
      const onnxOf = kind === 'models' && /^(.*)\.onnx$/s.exec(name)?.[1];
      if (typeof onnxOf === 'string') {
        await sendOnnx(request, response, runner, onnxOf);
        return;
      }
      const logOf = kind === 'jobs' && /^([^/]*)\/log$/.exec(name)?.[1];
      if (typeof logOf === 'string' && runner.get(logOf)) {
        await sendText(request, response, `${logOf}.log`, runner.logText(logOf));
        return;
      }
      const file = await find(kind, name);
      if (file === null) sendRefusal(response, NOT_FOUND[kind]);
      else await sendDownload(request, response, file);
    },
  };

  async function uploadAs(
    context: Context,
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    timeout: RequestTimeout,
  ): Promise<void> {
    const refused = refuseUpload(context, request);
    if (!refused) {
      const record = (result: AuditResult) => recordAction(context, UPLOAD, [name], result);
      await upload({ request, response, name, timeout, caller: context.caller, record });
      return;
    }
    recordAction(context, UPLOAD, [name], failedWith(refused));
    sendRefusal(response, { status: 403, code: refused.code, message: refused.message });
  }

  function find(kind: keyof typeof METHODS, name: string): Promise<string | null> {
    switch (kind) {
      case 'datasets':
        return runner.datasetFile(name);
      case 'models':
        return findModel(name);
      case 'jobs': {
        const [, id, path] = /^([^/]*)\/files\/(.*)$/s.exec(name) ?? [];
        return id === undefined || path === undefined ? Promise.resolve(null) : runner.outputFile(id, path);
      }
      default:
        return kind satisfies never;
    }
  }

  function findModel(name: string): Promise<string | null> {
    const safe = name.endsWith('.safetensors');
    return runner.modelFile(safe ? name.slice(0, -'.safetensors'.length) : name, safe ? 'SAFETENSORS' : 'CHECKPOINT');
  }
}

/** Decodes a percent-encoded path; null if it is malformed. */
function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
