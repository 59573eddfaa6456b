"""A web server with models, good and bad. Prints its port; ends with its standard input."""

import http.server
import sys
import threading

counts = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def head(self, status, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self):
        counts[self.path] = counts.get(self.path, 0) + 1
        parts = self.path.split("/")
        if parts[1] == "model":
            self.head(200, ("Content-Length", "3"))
            self.wfile.write(b"abc")
        elif parts[1] == "count":
            text = str(counts.get("/" + parts[2], 0)).encode()
            self.head(200, ("Content-Length", str(len(text))))
            self.wfile.write(text)
        elif parts[1] == "redirect":
            count = int(parts[2])
            self.head(302, ("Location", "/redirect/%d" % (count - 1) if count else "/model"))
        elif parts[1] == "local":
            self.head(302, ("Location", "file:///etc/hostname"))
        elif parts[1] == "large":
            self.head(200, ("Content-Length", "1000000"))
        elif parts[1] == "endless":
            self.head(200)
            while True:
                self.wfile.write(b"x" * 1000)
        elif parts[1] == "cut":
            self.head(200, ("Content-Length", "100"))
            self.wfile.write(b"short")
        elif parts[1] == "stall":
            self.head(200, ("Content-Length", "100"))
            self.wfile.write(b"x")
            self.wfile.flush()
            self.rfile.read(1)
        else:
            self.head(404)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
