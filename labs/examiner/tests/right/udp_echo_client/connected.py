"""A connected socket; the message is typed; the port of the lab is written in."""
import socket
import sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(3)
    s.connect(("127.0.0.1", 65432))
    message = input("Mensaje: ")
    try:
        s.send(message.encode())
        echo = s.recv(65507)
    except TimeoutError:
        sys.exit("Sin respuesta: ¿hay alguien escuchando?")
    except OSError as error:
        sys.exit(f"Error: {error.strerror}")
sys.stdout.buffer.write(b"Recibido: " + echo + b"\n")
