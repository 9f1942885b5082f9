"""Un solo hilo: select() espera hasta que llegue algo o sea hora de enviar."""
#: run python3 {file} {port} {peer}
import select
import socket
import struct
import sys
import time
import zlib

CITA = '"It always seems impossible until it\'s done" - Nelson Mandela'.encode()

puerto = int(sys.argv[1])
pares = [par.split(":") for par in sys.argv[2:]]  # sin ninguno, solo escucha
conector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    conector.bind(("127.0.0.1", puerto))
except OSError as error:
    sys.exit(f"no se puede usar el puerto {puerto}: {error}")


def paquete():
    resto = struct.pack("!Q4sH", int(time.time()), socket.inet_aton("127.0.0.1"), puerto) + CITA
    return struct.pack("!I", zlib.adler32(resto)) + resto


def mostrar(datos, origen):
    if len(datos) < 18:
        raise ValueError("demasiado corto")
    suma, enviado, direccion, _ = struct.unpack_from("!IQ4sH", datos)
    if suma != zlib.adler32(datos[4:]):
        raise ValueError("suma incorrecta")
    cita = datos[18:].decode()
    veces[origen] = veces.get(origen, 0) + 1
    hace = int(time.time()) - enviado
    cuando = f"hace {hace}" if hace >= 0 else f"dentro de {-hace}"
    print("Cita:", cita)
    print(f"  enviada {cuando} segundos desde {origen} / {socket.inet_ntoa(direccion)}; van {veces[origen]}")


veces = {}
siguiente = time.monotonic() + 2  # la primera sale al cabo de un intervalo
while True:
    espera = max(0, siguiente - time.monotonic())
    listos, _, _ = select.select([conector], [], [], espera)
    try:
        if listos:
            datos, (origen, _) = conector.recvfrom(65535)
            mostrar(datos, origen)
        if time.monotonic() >= siguiente:
            while siguiente <= time.monotonic():
                siguiente += 2  # lo que se perdió, perdido está
            for direccion, numero in pares:
                conector.sendto(paquete(), (direccion, int(numero)))
    except (OSError, ValueError) as error:
        print("error:", error, file=sys.stderr)
