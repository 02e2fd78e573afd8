import type { Logger } from '../logger.ts';
import type { Tracing } from './open-telemetry.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Starts tracing if the environment configures an endpoint (see docs/observability.md). Otherwise returns null and does not load
 * OpenTelemetry. A failure is logged and does not stop the server.
 */
export async function startTracing(environment: Environment, logger: Logger): Promise<Tracing | null> {
  if (!isConfigured(environment)) return null;
  try {
    const { createOpenTelemetry } = await import('./open-telemetry.ts');
    return createOpenTelemetry(logger);
  } catch (error) {
    logger.error({ err: error }, 'Tracing setup failed; the server continues without it');
    return null;
  }
}

/** The standard variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function isConfigured(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  if (OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || OTEL_TRACES_EXPORTER?.trim() === 'none') return false;
  return Boolean(environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT']);
}
