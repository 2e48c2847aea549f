# SPDX-License-Identifier: GPL-2.0-or-later
#
# fish completion for sighejctl(1). Commands and options are those of its own --help, in the language
# of the locale. What lives (nudges, meets, spots, interests, adapters) is asked of the daemon: quietly,
# for a second at most (SIGHEJ_COMPLETION_SECONDS), and without starting it.

function __fish_sighejctl_program
    set -l words (commandline -opc)
    string replace -r '^~' $HOME -- $words[1]
end

# The records, with a tab before the second field: what fish shows beside a candidate.
function __fish_sighejctl_ask
    set -l seconds $SIGHEJ_COMPLETION_SECONDS
    test -n "$seconds"; or set seconds 1
    timeout $seconds (__fish_sighejctl_program) --no-start --terse $argv 2>/dev/null </dev/null |
        string replace -r '^((?:[^:\\\\]|\\\\.)*):' '$1\t' | string replace -ra '\\\\([:\\\\])' '$1'
end

# The command and its arguments, without options and their values.
function __fish_sighejctl_words
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --fields --color --timeout --seconds --set --reason --message --attach --who --why -f
                set -e words[1]
            case '-*'
            case '*'
                echo -- $words[1]
        end
        set -q words[1]; and set -e words[1]
    end
end

# $argv[1]: so many words are there already, the rest: the first is one of these
function __fish_sighejctl_at
    set -l words (__fish_sighejctl_words)
    test (count $words) -eq $argv[1]; and contains -- "$words[1]" $argv[2..]
end

function __fish_sighejctl_needs_command
    test (count (__fish_sighejctl_words)) -eq 0
end

function __fish_sighejctl_commands
    eval (string escape -- (__fish_sighejctl_program)) help 2>/dev/null |
        string replace -rf '^  ([a-z][a-z-]*)(?: [^ ]+)*  +([^ ].*)$' '$1\t$2'
end

function __fish_sighejctl_interest_action
    set -l words (__fish_sighejctl_words)
    test (count $words) -ge 2 -a "$words[1]" = interests; and contains -- "$words[2]" $argv
end

function __fish_sighejctl_found_interests
    set -l typed (commandline -ct)
    test -n "$typed"; and __fish_sighejctl_ask --fields=id,label interests search -- $typed
end

function __fish_sighejctl_spots
    set -l words (__fish_sighejctl_words)
    __fish_sighejctl_ask spot $words[2] --fields=spot
end

function __fish_sighejctl_fields
    set -l words (__fish_sighejctl_words)
    LC_ALL=C eval (string escape -- (__fish_sighejctl_program)) help $words[1] 2>/dev/null |
        string replace -rf '^Fields: (.*)' '$1' | string split ,
end

function __fish_sighejctl_runs
    set -l words (__fish_sighejctl_words)
    test "$words[1]" = inhibit; and begin
        test (count $words) -gt 1; or contains -- -- (commandline -opc)
    end
end

function __fish_sighejctl_takes
    set -l words (__fish_sighejctl_words)
    contains -- "$words[1]" $argv
end

complete -c sighejctl -f
complete -c sighejctl -n __fish_sighejctl_needs_command -a '(__fish_sighejctl_commands)'
complete -c sighejctl -n '__fish_sighejctl_at 1 help' -a '(__fish_sighejctl_commands)'
complete -c sighejctl -n __fish_sighejctl_runs -a '(__fish_complete_subcommand --fcs-skip=2)'

complete -c sighejctl -n '__fish_sighejctl_at 1 open' -a '15min 30min 1h 90min 2h 4h'
complete -c sighejctl -n '__fish_sighejctl_at 1 pause extend' -a '5min 15min 30min 1h 2h'
complete -c sighejctl -n '__fish_sighejctl_at 1 wait' -a 'open closed nudge meet'
complete -c sighejctl -n '__fish_sighejctl_at 1 code' -a use
complete -c sighejctl -n '__fish_sighejctl_at 1 backend' -a 'show set unset'
complete -c sighejctl -n '__fish_sighejctl_at 1 adapter' -a 'list show auto (__fish_sighejctl_ask adapter --fields=name,path)'
complete -c sighejctl -n '__fish_sighejctl_at 1 wave not-now block report' -a '(__fish_sighejctl_ask nudges --fields=id,shared)'
complete -c sighejctl -n '__fish_sighejctl_at 1 block report meets spot here met end say messages position' \
    -a '(__fish_sighejctl_ask meets --fields=id,cue)'
complete -c sighejctl -n '__fish_sighejctl_at 2 spot' -a '(__fish_sighejctl_spots)'
complete -c sighejctl -n '__fish_sighejctl_at 2 position' -a 'on off'
complete -c sighejctl -n '__fish_sighejctl_at 1 interests' -a 'list set add remove search'
complete -c sighejctl -n '__fish_sighejctl_interest_action remove' -a '(__fish_sighejctl_ask interests --fields=id,label)'
complete -c sighejctl -n '__fish_sighejctl_interest_action set add search' -a '(__fish_sighejctl_found_interests)'

complete -c sighejctl -l user -d 'talk to the daemon on the session bus'
complete -c sighejctl -l system -d 'talk to the daemon on the system bus'
complete -c sighejctl -l no-start -d 'do not start a daemon that is away'
complete -c sighejctl -l json -x -a 'short pretty' -d 'JSON'
complete -c sighejctl -s j -d 'JSON, pretty on a terminal and short in a pipe'
complete -c sighejctl -s t -l terse -d 'one record a line'
complete -c sighejctl -s f -l fields -x -a "(__fish_complete_list , __fish_sighejctl_fields)" -d 'these fields'
complete -c sighejctl -l color -x -a 'auto always never' -d 'when to use colours'
complete -c sighejctl -l timeout -x -d 'seconds to wait'
complete -c sighejctl -s h -l help -d 'show help'
complete -c sighejctl -l version -d 'show the version'
complete -c sighejctl -n '__fish_sighejctl_takes open close toggle wave' -l wait -d 'come back when it is done'
complete -c sighejctl -n '__fish_sighejctl_takes open toggle' -l accept-notice -d 'agree to the notice'
complete -c sighejctl -n '__fish_sighejctl_takes messages' -l follow -d 'go on with what comes'
complete -c sighejctl -n '__fish_sighejctl_takes met end' -l not-again -d 'not to be brought together for 30 days'
complete -c sighejctl -n '__fish_sighejctl_takes report' -l reason -x -a 'spam harassment fake underage danger other' -d 'what for'
complete -c sighejctl -n '__fish_sighejctl_takes report' -l message -x -d 'what happened'
complete -c sighejctl -n '__fish_sighejctl_takes report' -l attach -x -d 'numbers of messages'
complete -c sighejctl -n '__fish_sighejctl_takes inhibit' -l why -x -d 'what for'
complete -c sighejctl -n '__fish_sighejctl_takes inhibit' -l who -x -d 'who asks'
complete -c sighejctl -n '__fish_sighejctl_takes wipe' -l yes -d 'do it without asking'
complete -c sighejctl -n '__fish_sighejctl_takes calibrate' -l seconds -x -d 'how long to measure'
complete -c sighejctl -n '__fish_sighejctl_takes calibrate' -l transmit -d 'what is sent'
complete -c sighejctl -n '__fish_sighejctl_takes calibrate' -l set -x -d 'keep this value'
complete -c sighejctl -n '__fish_sighejctl_takes calibrate' -l reset -d 'forget what is kept'
complete -c sighejctl -n '__fish_sighejctl_takes calibrate' -l show -d 'show what is used'
