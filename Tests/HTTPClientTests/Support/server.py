"""A server to send requests to. Prints its port; ends with its standard input.

With a folder as argument it speaks TLS with ca.crt, server.crt and server.key in it."""

import http.server
import ssl
import sys
import threading

go = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, text, status=200, headers=()):
        body = text.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def start_stream(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        path = self.path
        if path == "/hello":
            self.answer("hello", headers=[("X-Word", "  spaced ")])
        elif path == "/echo":
            parts = [self.command, self.headers.get("Content-Type", "-")]
            parts += [self.headers.get("Authorization", "-"), self.headers.get("X-Empty", "-")]
            self.answer(" ".join(parts + [body]))
        elif path.startswith("/redirect/"):
            count = int(path.split("/")[2])
            target = "/hello" if count == 0 else "/redirect/%d" % (count - 1)
            self.answer("elsewhere", 302, [("Location", target)])
        elif path == "/never":
            self.rfile.read(1)
        elif path == "/two":
            self.start_stream()
            self.chunk(b"one\n")
            go.wait(60)
            self.chunk(b"two\n")
            self.wfile.write(b"0\r\n\r\n")
        elif path == "/go":
            go.set()
            self.answer("")
        elif path == "/endless":
            self.start_stream()
            while True:
                self.chunk(b"x" * 100_000)
        elif path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"short")
            self.close_connection = True
        elif path == "/upgrade":
            head = b"HTTP/1.1 101 Switching\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"
            self.connection.sendall(head + b"early")
            while data := self.connection.recv(50_000):
                self.connection.sendall(data)
            self.close_connection = True
        elif path == "/port":
            self.answer(str(self.client_address[1]))
        elif path == "/who":
            certificate = self.connection.getpeercert() or {}
            names = [v for part in certificate.get("subject", ()) for _, v in part]
            self.answer(",".join(names) or "nobody")
        else:
            self.answer("no such page", 404)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1] + "/server.crt", sys.argv[1] + "/server.key")
    context.load_verify_locations(sys.argv[1] + "/ca.crt")
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
