"""A server of signals that are another number with each answer, so that there is a size to write at every tick."""

import http.server
import json
import random
import threading
import urllib.parse


class RestlessLoad(http.server.ThreadingHTTPServer):
    """At /USER/WORKLOAD, and as a Prometheus at /USER; and how many each user has asked for."""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked, self.news, self.given = {}, threading.Condition(), {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # one that was killed

    def close(self):
        self.shutdown()
        self.server_close()

    def next(self, user, what):
        """Further from all that anybody has last had of it than the tenth that a size tolerates."""
        with self.news:
            before = self.given.setdefault(what, {})
            number = 0
            while not number or any(abs(number - other) <= 0.25 * other for other in before.values()):
                number = 100 * round(10 ** random.uniform(0, 3))
            before[user] = number
            self.asked[user] = self.asked.get(user, 0) + 1
            self.news.notify_all()
        return number

    def wait_for_next(self, user, seconds):
        with self.news:
            before = self.asked.get(user, 0)
            self.news.wait_for(lambda: self.asked.get(user, 0) > before, seconds)


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        user, what = self.path.strip("/").split("/")[:2]
        self.answer(self.server.next(user, what))

    def do_POST(self):
        """A query: the value of what it names."""
        asked = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        number = self.server.next(self.path.split("/")[1], asked["query"][0])
        self.answer({"status": "success", "data": {"resultType": "scalar", "result": [float(asked["time"][0]), str(number)]}})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
