#compdef stdiogate

_arguments -S -A '-*' \
@OPTIONS@
  '(-)1:command: _command_names -e' \
  '*:: : _normal'
