# A program that is started by a script.
python3 "$(dirname "$0")/with.py" &
wait $!
