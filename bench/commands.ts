type Command = (...parameters: never[]) => unknown;

/** Answers the commands of the process that started this one with `startChild`, and reports that it is ready. */
export function answerCommands(commands: Readonly<Record<string, Command>>): void {
  const all: Record<string, Command> = {
    ...commands,
    usage() {
      const { user, system } = process.cpuUsage();
      return { cpu: user + system, memory: process.memoryUsage.rss() };
    },
  };
  process.on('message', ([command, ...parameters]: [string, ...never[]]) => {
    void Promise.resolve(all[command]?.(...parameters)).then((result) => process.send?.(result ?? null));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
