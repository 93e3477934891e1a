# stdiogate(1) completion for bash

# What the value of an option may be: FILE, those of a fixed list, - for any; empty: it takes none.
declare -gA _stdiogate_values=(
@OPTIONS@
)

_stdiogate() {
  local word=${COMP_WORDS[COMP_CWORD]} i=1 values=
  COMPREPLY=()
  # Up to the command, which is word i, or to the word with the cursor. A word is split at = and :.
  while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == -* ]]; do
    if [[ ${COMP_WORDS[i]} == -- ]]; then
      ((++i))
      break
    fi
    values=${_stdiogate_values[${COMP_WORDS[i]}]}
    [[ $values ]] && ((++i))
    while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == [=:] || ${COMP_WORDS[i + 1]} == [=:] ]]; do
      ((++i))
    done
    ((++i))
  done
  if ((i > COMP_CWORD)); then
    [[ $word == = ]] && word=
    if [[ $values == FILE ]]; then
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
    else
      mapfile -t COMPREPLY < <(compgen -W "${values#-}" -- "$word")
    fi
  elif [[ $word == -* && ${COMP_WORDS[i - 1]} != -- ]] && ((i == COMP_CWORD)); then
    mapfile -t COMPREPLY < <(compgen -W "${!_stdiogate_values[*]}" -- "$word")
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$i"
  elif declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$i"
  elif ((i == COMP_CWORD)); then
    mapfile -t COMPREPLY < <(compgen -c -- "$word")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

complete -F _stdiogate stdiogate
