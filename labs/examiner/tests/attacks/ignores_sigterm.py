# A right server that does not end when it is asked to.
import signal
from serve import serve

signal.signal(signal.SIGTERM, signal.SIG_IGN)
serve()
