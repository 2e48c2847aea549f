# SPDX-License-Identifier: GPL-2.0-or-later
"""A cable to the backend that can be cut: every connection through it breaks, new ones work.

With a certificate it also is the TLS proxy that stands in front of every backend off loopback.
"""
import os
import socket
import ssl
import struct
import subprocess
import threading

CHUNK_BYTES = 65536


def make_certificate(folder):
    """A certificate for localhost that is its own authority: its path, and its key's."""
    paths = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-out", paths[0],
                    "-keyout", paths[1]], check=True, capture_output=True)
    return paths


class Cable:
    def __init__(self, address, certificate=None):
        host, port = address.rsplit(":", 1)
        self.target, self.pairs, self.lock = (host, int(port)), [], threading.Lock()
        self.listener, self.tls = socket.create_server((host, 0)), None
        self.uri = f"http://{host}:{self.listener.getsockname()[1]}"
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
            self.uri = f"https://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near):
        try:
            if self.tls:
                near = self.tls.wrap_socket(near, server_side=True)
            far = socket.create_connection(self.target)
        except OSError:
            near.close()
            return
        with self.lock:
            self.pairs.append((near, far))
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source, sink):
        try:
            while data := source.recv(CHUNK_BYTES):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        """Both ends learn of it at once: a reset, not an end."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                end.close()
