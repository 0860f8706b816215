"""`completion`: small scripts for shells that ask this program what could be typed next."""

import argparse

from tui.console import Arguments, Exit, say
from tui.console.command import USAGE, Command, Page

PAGE = Page(
    "the completion script for a shell",
    """\
Prints the completion script for a shell; it completes commands, options and the
names of your connections.""",
    (
        ('eval "$(remonitor completion bash)"', "in ~/.bashrc"),
        ("remonitor completion zsh > ~/.zfunc/_remonitor", "in a folder of $fpath"),
        ("remonitor completion fish > ~/.config/fish/completions/remonitor.fish", "for fish"),
    ),
    (("0", "printed"), USAGE),
)


_BASH = r"""# bash completion for remonitor
_remonitor() {
    local typed="${COMP_WORDS[COMP_CWORD]}" line="${COMP_LINE:0:COMP_POINT}" word before cut
    local double='"' single="'" back='\' dollar='$' tick='`' bang='!'
    COMPREPLY=()
    # What stands before an opened quote in the same word (--option="x) stays as it is.
    before="${line%"$typed"}"
    before="${before##*[[:space:]]}"
    while IFS=$'\t' read -r word _; do
        if [[ $word == ":files" ]]; then
            compopt -o default 2>/dev/null
            return
        fi
        # Inside quotes readline closes them itself; what would end them or be expanded is escaped here.
        if [[ $typed == "$double"* ]]; then
            word="${word#"$before"}"
            word="${word//"$back"/"$back$back"}"
            word="${word//"$double"/"$back$double"}"
            word="${word//"$dollar"/"$back$dollar"}"
            word="${word//"$tick"/"$back$tick"}"
            word="${word//"$bang"/"$double$single$bang$single$double"}"
        elif [[ $typed == "$single"* ]]; then
            word="${word#"$before"}"
            word="${word//"$single"/"$single$back$single$single"}"
        else
            printf -v word '%q' "$word"
        fi
        COMPREPLY+=("$word")
    done < <(command remonitor __complete "$line" 2>/dev/null)
    # Where readline breaks a word at = or :, only what comes after it is replaced.
    if [[ ${#COMPREPLY[@]} -gt 0 && $typed != [\"\']* ]]; then
        cut="${line##*[[:space:]]}"
        if [[ $cut == *[=:]* ]]; then
            cut="${cut%"${cut##*[=:]}"}"
            COMPREPLY=("${COMPREPLY[@]#"$cut"}")
        fi
    fi
}
complete -F _remonitor remonitor
"""

_ZSH = r"""#compdef remonitor
_remonitor() {
    local -a found words_only told
    local line
    found=("${(@f)$(command remonitor __complete "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
    if [[ "${found[1]}" == ":files" ]]; then
        _files
        return
    fi
    for line in "${found[@]}"; do
        [[ -n "$line" ]] || continue
        words_only+=("${line%%$'\t'*}")
        told+=("${line/$'\t'/  }")
    done
    compadd -l -d told -a words_only
}
if [[ "$funcstack[1]" == "_remonitor" ]]; then
    _remonitor "$@"
else
    compdef _remonitor remonitor
fi
"""

_FISH = r"""# fish completion for remonitor
function __remonitor_complete
    set -l found (command remonitor __complete (commandline -cp | string collect) 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c remonitor -f -a '(__remonitor_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(SCRIPTS))


def run(arguments: Arguments) -> int:
    say(SCRIPTS[arguments.shell].rstrip())
    return Exit.OK


COMMAND = Command("completion", PAGE, run, add_arguments)
