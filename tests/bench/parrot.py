"""The load generator's own ceiling: a server that thinks of nothing and repeats one answer.

`python -m tests.bench.parrot PORT BYTES`
"""

import selectors
import socket
import sys

from tests.bench.bare import body_of


def serve(port: int, size: int) -> None:
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + body_of(size)
    chooser = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", port))
    chooser.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in chooser.select():
            if key.fileobj is listener:
                chooser.register(listener.accept()[0], selectors.EVENT_READ)
            elif isinstance(key.fileobj, socket.socket):
                repeat(key.fileobj, answer, chooser)


def repeat(connection: socket.socket, answer: bytes, chooser: selectors.BaseSelector) -> None:
    """Answer each request; the generator's come in whole."""
    data = connection.recv(1 << 16)
    if data:
        connection.sendall(answer * data.count(b"\r\n\r\n"))
    else:
        chooser.unregister(connection)
        connection.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
