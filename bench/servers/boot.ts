/** A runner that starts on a home with many jobs. */
import { createRunner } from '../../src/runner/index.ts';
import { answerCommands } from '../commands.ts';

const ignore = () => undefined;
let runner: ReturnType<typeof createRunner> | undefined;

answerCommands({
  /** Resolves when the runner is ready. */
  async start(home: string) {
    runner = createRunner({
      home,
      python: process.execPath,
      maxRunning: 2,
      maxQueued: 100,
      logger: { debug: ignore, info: ignore, warn: console.warn, error: console.error },
    });
    await runner.ready;
  },
  /** Resolves when all jobs are read and indexed. */
  indexed: () => runner?.indexed,
});
