"""Completion for shells: small scripts that ask this program, and the connections' names without heavy imports."""

import tomllib
from pathlib import Path

FILES = ":files"
"""Said instead of words where a file is expected."""

_BASH = r"""# bash completion for remonitor
_remonitor() {
    local typed="${COMP_WORDS[COMP_CWORD]}" word cut
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [[ $word == ":files" ]]; then
            compopt -o default 2>/dev/null
            return
        fi
        if [[ $typed == [\"\']* ]]; then
            # Inside quotes readline closes them itself.
            COMPREPLY+=("$word")
        else
            printf -v word '%q' "$word"
            COMPREPLY+=("$word")
        fi
    done < <(command remonitor __complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    # Where readline breaks a word at = or :, only what comes after it is replaced.
    if [[ ${#COMPREPLY[@]} -gt 0 && $typed != [\"\']* ]]; then
        cut="${COMP_LINE:0:COMP_POINT}"
        cut="${cut##*[[:space:]]}"
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


def names(path: Path, table: str = "connections") -> list[str]:
    """The connections (or another table's keys) of this configuration; none where it cannot be read."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get(table)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return []
    return [name for name in tables if name.isprintable()] if isinstance(tables, dict) else []
