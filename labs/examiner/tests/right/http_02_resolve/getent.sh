#: run sh {file} {host}
line=$(getent ahostsv4 "$1" | head -n 1)
if [ -z "$line" ]; then
    echo "$1 cannot be resolved" >&2
    exit 1
fi
echo "IP address of $1 is ${line%% *}"
