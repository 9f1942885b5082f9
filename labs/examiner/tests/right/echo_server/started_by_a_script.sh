#: run sh {file} {port}
# A script that starts the server in the background and waits for it, as a build tool does.
echo "starting on port $1"
python3 pool.py "$1" &
wait $!
