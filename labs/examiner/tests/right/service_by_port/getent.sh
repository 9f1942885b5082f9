#: run sh {file} {port} {protocol}
# getent reads the list of services, by port and by name.
show() {
    if [ ! -e /etc/services ]; then
        echo "/etc/services is missing" >&2
        exit 1
    fi
    case $1 in
    *[!0-9]*) asked=$1 ;;
    *) asked=$(expr "$1" + 0) ;;
    esac
    if [ "$asked" -gt 65535 ] 2>/dev/null; then
        echo "$1 is no port" >&2
        exit 1
    fi
    if ! line=$(getent services "$asked/$2"); then
        echo "no service is registered for $1/$2" >&2
        exit 1
    fi
    echo "$2 $1: $line"
}
if [ $# -gt 0 ]; then
    show "$1" "${2:-tcp}"
else
    show 25 tcp
    show 53 udp
fi
