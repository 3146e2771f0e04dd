import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/**
 * Structured logs with ids and counts only. Call sites pass ids; the redaction is the last net under them, for what a library may attach.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'vesper' },
    redact: {
      paths: ['*.authorization', '*.token', '*.access_token', '*.refresh_token', '*.secret', '*.body', '*.headers'],
      censor: '[redacted]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
