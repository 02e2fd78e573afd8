/**
 * The completion script for bash. It needs bash 3.2 and no other package, may be sourced again, and evaluates nothing that the user
 * typed. The script of the completion library needs the package bash-completion, and declares read-only variables.
 */
export const BASH_COMPLETION = String.raw`# bash completion for trainyard
__trainyard_complete() {
    local line="\${COMP_LINE:0:COMP_POINT}" current prefix="" value rest
    local -a words
    read -ra words <<< "$line"
    if [[ "$line" == *[[:space:]] ]]; then words+=(""); fi
    current="\${words[\${#words[@]}-1]}"
    # The value of --flag=value is completed without the flag.
    if [[ "$current" == --*=* ]]; then current="\${current#*=}"; fi
    # Bash replaces only what follows the last colon.
    if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then prefix="\${current%"\${current##*:}"}"; fi
    COMPREPLY=()
    while IFS=$'\t' read -r value rest; do
        # The last line is a number for other shells.
        if [[ "$value" != :* && "$value" == "$current"* ]]; then COMPREPLY+=("\${value#"$prefix"}"); fi
    done < <(trainyard complete -- "\${words[@]:1}" 2> /dev/null)
}
# Without a suggestion, files are completed.
complete -o default -F __trainyard_complete trainyard
`.replaceAll('\\${', '${');
