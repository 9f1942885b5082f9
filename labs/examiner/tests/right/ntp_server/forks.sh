# The server is the child of a shell that waits for it.
#: run sh {file} python3 {port} --skew={skew}
python=$1
shift
"$python" "$(dirname "$0")/threads.py" "$@" &
wait $!
