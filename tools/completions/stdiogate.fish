# stdiogate(1) completion for fish

# The words of the server's command before the cursor, one a line. Fails while options may come.
function __stdiogate_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        if test "$words[1]" = --
            set -e words[1]
            string join \n -- $words
            return 0
        else if not string match -q -- '-*' $words[1]
            string join \n -- $words
            return 0
        end
        if contains -- $words[1] $__stdiogate_with_value
            set -e words[1]
        end
        set -e words[1]
    end
    return 1
end

function __stdiogate_complete_command
    set -l words (string escape -- (__stdiogate_command)) (commandline -ct)
    complete -C"$words"
end

set -g __stdiogate_with_value
@OPTIONS@
complete -c stdiogate -x -a '(__stdiogate_complete_command)'
