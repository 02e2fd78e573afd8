/** How the user calls this command: with `npx`, a shell does not find `trainyard` itself. */
export function commandName(environment: NodeJS.ProcessEnv): string {
  return environment['npm_command'] === 'exec' ? 'npx trainyard' : 'trainyard';
}

/** Names the commands in a sentence, such as `trainyard jobs`, as the user can type them. */
export function withCommandName(sentence: string, environment: NodeJS.ProcessEnv): string {
  return sentence.replaceAll('`trainyard ', `\`${commandName(environment)} `);
}
