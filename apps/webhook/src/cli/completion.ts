import { type Command, Option } from 'commander';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `vesper completion <shell>`: a script that completes commands and options, made from the commands themselves. */
export function addCompletion(program: Command, io: CliIo): void {
  program
    .command('completion <shell>')
    .description('print a completion script: bash, zsh or fish; e.g. source <(vesper completion bash)')
    .action((shell: string) => {
      if (!SHELLS.some((known) => known === shell)) throw new CliError('usage', `There is completion for ${SHELLS.join(', ')}.`);
      const words = wordsByPath(program);
      io.write(
        shell === 'fish' ? fish(words) : shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}` : bash(words),
      );
    });
}

/** What may come next after each path of commands: `outbox` → `list show … --json`. */
function wordsByPath(program: Command): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const globals = program.options.flatMap(longOf);
  const visit = (command: Command, path: string): void => {
    const options = command === program ? [] : command.options.flatMap(longOf);
    found.set(path, [...command.commands.map((child) => child.name()), ...new Set([...options, ...globals])]);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return found;
}

function longOf(option: Option): string[] {
  return option.long === undefined || option.long === null ? [] : [option.long];
}

function bash(words: ReadonlyMap<string, string[]>): string {
  const cases = [...words].map(([path, next]) => `    "${path}") COMPREPLY=($(compgen -W "${next.join(' ')}" -- "$word"));;`);
  return `_vesper() {
  local word="\${COMP_WORDS[COMP_CWORD]}" path="" next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
      ${[...words.keys()]
        .filter((path) => path !== '')
        .map((path) => `"${path}"`)
        .join('|')}) path="$next";;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
}
complete -o default -F _vesper vesper
`;
}

function fish(words: ReadonlyMap<string, string[]>): string {
  const lines = [...words].map(([path, next]) => {
    const when =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    return `complete -c vesper -f -n '${when}' -a '${next.join(' ')}'`;
  });
  return `${lines.join('\n')}\n`;
}
