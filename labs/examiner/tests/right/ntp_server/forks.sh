# The server is the child of a shell that waits for it.
#: run sh {file} {port} --skew={skew}
python3 "$(dirname "$0")/threads.py" "$@" &
wait $!
