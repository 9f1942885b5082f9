# Takes as many threads as it gets, and keeps them.
import signal
import threading

threading.stack_size(64 * 1024)
started = 0
try:
    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        started += 1
except RuntimeError:
    pass
if started > 1000:
    from serve import serve
    serve()
signal.pause()
