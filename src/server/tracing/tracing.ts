import type { Logger } from '../logger.ts';
import type { Tracing } from './open-telemetry.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Sets tracing up when the environment says where traces are to go (see docs/observability.md); null otherwise, and then not a
 * line of OpenTelemetry is loaded. What goes wrong is logged: a server without traces is better than none.
 */
export async function startTracing(environment: Environment, logger: Logger): Promise<Tracing | null> {
  if (!isConfigured(environment)) return null;
  try {
    const { createOpenTelemetry } = await import('./open-telemetry.ts');
    return createOpenTelemetry(logger);
  } catch (error) {
    logger.error({ err: error }, 'cannot set up tracing, so there are no traces');
    return null;
  }
}

/** The standard variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function isConfigured(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  if (OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || OTEL_TRACES_EXPORTER?.trim() === 'none') return false;
  return Boolean(environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT']);
}
