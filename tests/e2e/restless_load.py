"""A server of signals that are another number with each answer, so that there is a size to write at every tick."""

import http.server
import random
import threading


class RestlessLoad(http.server.ThreadingHTTPServer):
    """At /USER/WORKLOAD; and how many each user has asked for."""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked, self.news = {}, threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # one that was killed

    def close(self):
        self.shutdown()
        self.server_close()

    def wait_for_next(self, user, seconds):
        with self.news:
            before = self.asked.get(user, 0)
            self.news.wait_for(lambda: self.asked.get(user, 0) > before, seconds)


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        user = self.path.split("/")[1]
        body = str(100 * round(10 ** random.uniform(0, 3))).encode()  # rarely within a tenth of the last one
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        with self.server.news:
            self.server.asked[user] = self.server.asked.get(user, 0) + 1
            self.server.news.notify_all()
